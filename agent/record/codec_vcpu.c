/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/record/codec_vcpu.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/json_values.h"
#include "agent/record/codec_nodes.h"
#include "agent/record/codec_setting.h"
#include "agent/record/codec_work.h"

json_t *vcpu_settings_to_json(const struct vcpu_settings *settings)
{
    size_t n;
    const struct setting *table = vcpu_settings_table(&n);
    const char *objective = settings->objective == PLACEMENT_VARIANCE ? "variance" : "deviation";
    json_t *object = json_members("objective", json_string(objective), "level",
                                  json_string(pin_level_text(settings->level)), "limits",
                                  work_limits_to_json(&settings->limits), NULL);

    return json_unless(object, codec_setting_write(object, table, n, settings));
}

/* A recording from before there were several knows one switch. */
static enum pin_level level_from_json(const json_t *json)
{
    const char *text = json_string_value(json_object_get(json, "level"));

    for (int level = PIN_PCPU; text && level <= PIN_AUTO; level++)
        if (strcmp(text, pin_level_text((enum pin_level)level)) == 0)
            return (enum pin_level)level;
    return json_number_value(json_object_get(json, "auto_level")) > 0 ||
                   json_is_true(json_object_get(json, "auto_level"))
               ? PIN_AUTO
               : PIN_PCPU;
}

int vcpu_settings_from_json(const json_t *json, struct vcpu_settings *ret, struct err *err)
{
    size_t n;
    const struct setting *table = vcpu_settings_table(&n);
    struct vcpu_settings settings = {0};
    const char *objective;
    json_error_t error;
    json_t *limits;

    if (json_unpack_ex((json_t *)json, &error, 0, "{s:s, s:o}", "objective", &objective, "limits",
                       &limits) < 0)
        return err_set(err, -EINVAL, "settings: %s", error.text);
    settings.level = level_from_json(json);
    settings.objective = objective[0] == 'v' ? PLACEMENT_VARIANCE : PLACEMENT_DEVIATION;
    if (codec_setting_read(json, table, n, &settings, err) < 0 ||
        work_limits_from_json(limits, &settings.limits, err) < 0)
        return -EINVAL;
    /* a recording from before they were learnt */
    settings.learn_habits = settings.learn_habits && json_object_get(json, "learn_habits");
    settings.learn_speeds = settings.learn_speeds && json_object_get(json, "learn_speeds");
    settings.use_speeds = settings.use_speeds && json_object_get(json, "use_speeds");
    *ret = settings;
    return 0;
}

static json_t *reading_to_json(const struct vcpu_reading *reading)
{
    /* clang-format off */
    json_t *object = json_members(
        "guest", json_from_guest(&reading->guest),
        "uuid", json_from_uuid(&reading->guest),
        "vcpu", json_integer(reading->vcpu),
        "running", json_boolean(reading->running),
        "cpu_time_ns", json_from_count(reading->cpu_time_ns),
        "affinity", json_from_cpuset(&reading->affinity),
        "allowed", json_from_cpuset(&reading->allowed),
        NULL);
    /* clang-format on */

    int failures = !object;

    if (reading->has_delay)
        failures += json_object_set_new(object, "delay_ns", json_from_count(reading->delay_ns));
    if (reading->has_last)
        failures += json_object_set_new(object, "last_pcpu", json_integer(reading->last_pcpu));
    if (reading->quota_permille)
        failures += json_object_set_new(object, "quota_permille",
                                        json_integer((json_int_t)reading->quota_permille));
    if (reading->reserve_permille)
        failures += json_object_set_new(object, "reserve_permille",
                                        json_integer((json_int_t)reading->reserve_permille));
    if (reading->is_ours)
        failures += json_object_set_new(object, "ours", json_true());
    if (cpuset_count(&reading->found) > 0)
        failures += json_object_set_new(object, "found", json_from_cpuset(&reading->found));
    if (reading->is_foreign)
        failures += json_object_set_new(object, "foreign", json_true());
    if (reading->has_strange_limits)
        failures += json_object_set_new(object, "strange_limits", json_true());
    return json_unless(object, failures);
}

/* [number, background, use, busy time or null, place]; what follows the last that is known is left
 * out. */
static json_t *pcpu_to_json(const struct pcpu_reading *pcpu, bool has_shape)
{
    const struct topology_place *place = &pcpu->place;
    json_t *array = json_pack("[ii]", (int)pcpu->id, pcpu->background_permille);
    int failures = !array;

    if (!pcpu->has_busy && pcpu->use == PCPU_USABLE && !has_shape)
        return array;
    failures += json_array_append_new(array, json_string(pcpu_use_text(pcpu->use)));
    if (pcpu->has_busy)
        failures += json_array_append_new(array, json_from_count(pcpu->busy_ns));
    else if (has_shape)
        failures += json_array_append_new(array, json_null());
    if (has_shape)
        failures += json_array_append_new(array, json_pack("[iiii]", place->node, place->llc,
                                                           place->core, place->speed_permille));
    return json_unless(array, failures);
}

/* A pCPU's place, where the sample has a shape. */
static int place_from_json(const json_t *json, struct topology_place *ret)
{
    uint16_t *const members[] = {&ret->node, &ret->llc, &ret->core, &ret->speed_permille};

    if (json_array_size(json) != sizeof(members) / sizeof(members[0]))
        return -EINVAL;
    for (size_t k = 0; k < sizeof(members) / sizeof(members[0]); k++) {
        json_int_t value = json_integer_value(json_array_get(json, k));

        if (value < 0 || value >= CPUSET_SIZE)
            return -EINVAL;
        *members[k] = (uint16_t)value;
    }
    return ret->speed_permille >= 1 && ret->speed_permille <= 1000 ? 0 : -EINVAL;
}

static json_t *guest_to_json(const struct guest_reading *guest)
{
    /* clang-format off */
    json_t *object = json_members(
        "guest", json_from_guest(&guest->guest),
        "uuid", json_from_uuid(&guest->guest),
        "run", json_integer(guest->run),
        "quota_permille", json_integer((json_int_t)guest->quota_permille),
        NULL);
    /* clang-format on */
    int failures = !object;

    if (guest->has_helpers) {
        failures += json_object_set_new(object, "helpers_ns", json_from_count(guest->helpers_ns));
        failures +=
            json_object_set_new(object, "helpers_mask", json_from_cpuset(&guest->helpers_mask));
    }
    if (guest->memory.is_known || guest->memory.is_bound)
        failures += json_object_set_new(object, "memory", codec_nodes_memory(&guest->memory));
    return json_unless(object, failures);
}

/* "iothread" 0: the emulator. */
static json_t *helper_to_json(const struct helper_reading *helper)
{
    /* clang-format off */
    json_t *object = json_members(
        "guest", json_from_guest(&helper->guest),
        "uuid", json_from_uuid(&helper->guest),
        "iothread", json_integer(helper->iothread),
        "affinity", json_from_cpuset(&helper->affinity),
        "allowed", json_from_cpuset(&helper->allowed),
        NULL);
    /* clang-format on */
    int failures = !object;

    if (helper->is_owners)
        failures += json_object_set_new(object, "owners", json_true());
    if (helper->is_ours)
        failures += json_object_set_new(object, "ours", json_true());
    return json_unless(object, failures);
}

static int add_helpers(const struct vcpu_sample *sample, json_t *object)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t h = 0; h < sample->n_helpers; h++)
        failures += json_array_append_new(array, helper_to_json(&sample->helpers[h]));
    return failures + json_object_set_new(object, "helpers", array);
}

json_t *vcpu_sample_to_json(const struct vcpu_sample *sample)
{
    json_t *pcpus = json_array();
    json_t *vcpus = json_array();
    json_t *guests = json_array();
    json_t *object;
    int failures = 0;

    for (size_t i = 0; i < sample->n_pcpus; i++)
        failures +=
            json_array_append_new(pcpus, pcpu_to_json(&sample->pcpus[i], sample->has_shape));
    for (size_t i = 0; i < sample->n_vcpus; i++)
        failures += json_array_append_new(vcpus, reading_to_json(&sample->vcpus[i]));
    for (size_t i = 0; i < sample->n_guests; i++)
        failures += json_array_append_new(guests, guest_to_json(&sample->guests[i]));
    object = json_members("at_ns", json_from_count(sample->at_ns), "pcpus", pcpus, "vcpus", vcpus,
                          "guests", guests, NULL);
    if (sample->has_shape)
        failures += json_object_set_new(object, "shape", codec_nodes_shape(sample));
    if (sample->n_helpers)
        failures += add_helpers(sample, object);
    return json_unless(object, failures);
}

static int reading_from_json(const json_t *json, struct vcpu_reading *ret)
{
    const json_t *delay = json_object_get(json, "delay_ns");
    const json_t *vcpu = json_object_get(json, "vcpu");
    const json_t *last = json_object_get(json, "last_pcpu");
    const json_t *quota = json_object_get(json, "quota_permille");
    const json_t *found = json_object_get(json, "found");
    json_int_t reserve = json_integer_value(json_object_get(json, "reserve_permille"));

    if (!json_is_integer(vcpu) || json_integer_value(vcpu) < 0 || reserve < 0 || reserve > 1000)
        return -EINVAL;
    ret->vcpu = (unsigned)json_integer_value(vcpu);
    ret->running = json_is_true(json_object_get(json, "running"));
    ret->has_delay = delay != NULL;
    ret->has_last = json_is_integer(last);
    ret->last_pcpu = (unsigned)json_integer_value(last);
    ret->quota_permille = (unsigned)json_integer_value(quota);
    ret->reserve_permille = (unsigned)reserve;
    ret->is_ours = json_is_true(json_object_get(json, "ours"));
    ret->is_foreign = json_is_true(json_object_get(json, "foreign"));
    ret->has_strange_limits = json_is_true(json_object_get(json, "strange_limits"));
    if (json_to_guest(json_object_get(json, "uuid"), json_object_get(json, "guest"), &ret->guest) <
            0 ||
        json_to_count(json_object_get(json, "cpu_time_ns"), &ret->cpu_time_ns) < 0 ||
        (delay && json_to_count(delay, &ret->delay_ns) < 0) ||
        (found && json_to_cpuset(found, &ret->found) < 0) ||
        json_to_cpuset(json_object_get(json, "affinity"), &ret->affinity) < 0 ||
        json_to_cpuset(json_object_get(json, "allowed"), &ret->allowed) < 0)
        return -EINVAL;
    return 0;
}

static int use_from_json(const json_t *json, enum pcpu_use *ret)
{
    static const enum pcpu_use uses[] = {PCPU_USABLE, PCPU_ISOLATED, PCPU_TICKLESS,
                                         PCPU_OUTSIDE_SLICE, PCPU_RESERVED};
    const char *text = json_string_value(json);

    for (size_t i = 0; text && i < sizeof(uses) / sizeof(uses[0]); i++)
        if (strcmp(text, pcpu_use_text(uses[i])) == 0) {
            *ret = uses[i];
            return 0;
        }
    return json ? -EINVAL : 0;
}

/* [number, background], then its use and its busy time where they are known. */
static int pcpus_from_json(const json_t *array, struct vcpu_sample *sample)
{
    for (size_t i = 0; i < sample->n_pcpus; i++) {
        const json_t *item = json_array_get(array, i);
        const json_t *id = json_array_get(item, 0), *background = json_array_get(item, 1);
        const json_t *busy = json_array_get(item, 3);
        bool has_busy = busy && !json_is_null(busy);
        struct pcpu_reading *pcpu = &sample->pcpus[i];

        if (!json_is_integer(id) || json_integer_value(id) < 0 ||
            (sample->has_shape && json_integer_value(id) >= CPUSET_SIZE) ||
            !json_is_integer(background) ||
            use_from_json(json_array_get(item, 2), &pcpu->use) < 0 ||
            (has_busy && json_to_count(busy, &pcpu->busy_ns) < 0) ||
            (sample->has_shape && place_from_json(json_array_get(item, 4), &pcpu->place) < 0))
            return -EINVAL;
        pcpu->id = (unsigned)json_integer_value(id);
        pcpu->background_permille = (int)json_integer_value(background);
        pcpu->has_busy = has_busy;
    }
    return 0;
}

static int guest_from_json(const json_t *json, struct guest_reading *ret)
{
    const json_t *helpers = json_object_get(json, "helpers_ns");

    ret->run = (int)json_integer_value(json_object_get(json, "run"));
    ret->quota_permille = (unsigned)json_integer_value(json_object_get(json, "quota_permille"));
    ret->has_helpers = helpers != NULL;
    if (codec_nodes_read_memory(json_object_get(json, "memory"), &ret->memory) < 0)
        return -EINVAL;
    if (json_to_guest(json_object_get(json, "uuid"), json_object_get(json, "guest"), &ret->guest) <
            0 ||
        (helpers &&
         (json_to_count(helpers, &ret->helpers_ns) < 0 ||
          json_to_cpuset(json_object_get(json, "helpers_mask"), &ret->helpers_mask) < 0)))
        return -EINVAL;
    return 0;
}

static int helper_from_json(const json_t *json, struct helper_reading *ret)
{
    const json_t *iothread = json_object_get(json, "iothread");

    if (!json_is_integer(iothread) || json_integer_value(iothread) < 0 ||
        json_integer_value(iothread) > INT_MAX ||
        json_to_guest(json_object_get(json, "uuid"), json_object_get(json, "guest"), &ret->guest) <
            0 ||
        json_to_cpuset(json_object_get(json, "affinity"), &ret->affinity) < 0 ||
        json_to_cpuset(json_object_get(json, "allowed"), &ret->allowed) < 0)
        return -EINVAL;
    ret->iothread = (unsigned)json_integer_value(iothread);
    ret->is_owners = json_is_true(json_object_get(json, "owners"));
    ret->is_ours = json_is_true(json_object_get(json, "ours"));
    return 0;
}

int vcpu_sample_from_json(const json_t *json, struct vcpu_sample *ret, struct err *err)
{
    const json_t *pcpus = json_object_get(json, "pcpus");
    const json_t *vcpus = json_object_get(json, "vcpus");
    const json_t *guests = json_object_get(json, "guests"); /* recordings from before it: none */
    struct vcpu_sample sample = {.n_pcpus = json_array_size(pcpus),
                                 .n_vcpus = json_array_size(vcpus),
                                 .n_guests = json_array_size(guests)};
    size_t n_helpers;
    const json_t *helpers = json_object_get(json, "helpers"); /* only of hosts with several nodes */
    const json_t *shape = json_object_get(json, "shape");     /* only of samples that have one */
    int r = -EINVAL;

    if (json_to_count(json_object_get(json, "at_ns"), &sample.at_ns) < 0)
        return err_set(err, -EINVAL, "the sample has no time 'at_ns'");
    sample.has_shape = shape != NULL;
    sample.has_caches = json_is_true(json_object_get(shape, "caches"));
    sample.pcpus = calloc(sample.n_pcpus + 1, sizeof(*sample.pcpus));
    sample.vcpus = calloc(sample.n_vcpus + 1, sizeof(*sample.vcpus));
    sample.guests = calloc(sample.n_guests + 1, sizeof(*sample.guests));
    n_helpers = json_array_size(helpers);
    sample.helpers = calloc(n_helpers + 1, sizeof(*sample.helpers));
    if (!sample.pcpus || !sample.vcpus || !sample.guests || !sample.helpers) {
        r = err_set(err, -ENOMEM, "out of memory");
        goto out;
    }
    r = codec_nodes_read_shape(shape, &sample);
    if (r < 0) {
        r = err_set(err, r, "the sample's shape has other distances than nodes");
        goto out;
    }
    if (pcpus_from_json(pcpus, &sample) < 0) {
        r = err_set(err, -EINVAL, "the sample's pCPUs are not pairs of number and background");
        goto out;
    }
    for (size_t i = 0; i < sample.n_vcpus; i++) {
        if (reading_from_json(json_array_get(vcpus, i), &sample.vcpus[i]) < 0) {
            r = err_set(err, -EINVAL, "vCPU %zu of the sample is incomplete", i);
            goto out;
        }
    }
    for (size_t i = 0; i < sample.n_guests; i++) {
        if (guest_from_json(json_array_get(guests, i), &sample.guests[i]) < 0) {
            r = err_set(err, -EINVAL, "guest %zu of the sample is incomplete", i);
            goto out;
        }
    }
    for (; sample.n_helpers < n_helpers; sample.n_helpers++) {
        if (helper_from_json(json_array_get(helpers, sample.n_helpers),
                             &sample.helpers[sample.n_helpers]) < 0) {
            r = err_set(err, -EINVAL, "threads %zu beside vCPUs in the sample are incomplete",
                        sample.n_helpers);
            goto out;
        }
    }
    vcpu_sample_sort(&sample);
    *ret = sample;
    return 0;
out:
    vcpu_sample_done(&sample);
    return r;
}
