/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/record/codec_memory.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/json_values.h"
#include "agent/record/codec_setting.h"
#include "agent/record/codec_work.h"

/* Counts of a reading: in the recording where they are in the sample. flag 0: always. */
struct field {
    const char *name;
    size_t offset;
    unsigned flag;
};
#define MEMBER(member) .name = #member, .offset = offsetof(struct memory_reading, member)
static const struct field reading_fields[] = {
    {MEMBER(actual_kib), 0},
    {MEMBER(maximum_kib), 0},
    {MEMBER(unused_kib), MEMORY_HAS_UNUSED},
    {MEMBER(available_kib), MEMORY_HAS_AVAILABLE},
    {MEMBER(usable_kib), MEMORY_HAS_USABLE},
    {MEMBER(caches_kib), MEMORY_HAS_CACHES},
    {MEMBER(swap_in_kib), MEMORY_HAS_SWAP},
    {MEMBER(swap_out_kib), MEMORY_HAS_SWAP},
    {MEMBER(major_faults), MEMORY_HAS_FAULTS},
    {MEMBER(stats_age_ns), MEMORY_HAS_AGE},
    {MEMBER(rss_kib), MEMORY_HAS_RSS},
};
enum { N_FIELDS = sizeof(reading_fields) / sizeof(reading_fields[0]) };

static const char *const run_names[] = {
    [GUEST_RUNNING] = "running",     [GUEST_PAUSED] = "paused", [GUEST_STARTING] = "starting",
    [GUEST_MIGRATING] = "migrating", [GUEST_OTHER] = "other",   [GUEST_ARRIVING] = "arriving",
};
enum { N_RUNS = sizeof(run_names) / sizeof(run_names[0]) };

/* In the recording where they are not 0. */
static const struct field rare_fields[] = {
    {MEMBER(beside_kib), 0},
    {MEMBER(limit_kib), 0},
};
enum { N_RARE = sizeof(rare_fields) / sizeof(rare_fields[0]) };

static const char *const lock_names[] = {
    [MEMORY_LOCK_UNTOLD] = "untold",
    [MEMORY_LOCK_LOCKED] = "locked",
    [MEMORY_LOCK_HUGE_PAGES] = "huge-pages",
    [MEMORY_LOCK_DEVICE] = "device",
    [MEMORY_LOCK_DISK] = "disk",
    [MEMORY_LOCK_ENCRYPTED] = "encrypted",
    [MEMORY_LOCK_UNCOUNTED] = "uncounted",
    [MEMORY_LOCK_UNREAD] = "unread",
    [MEMORY_LOCK_UNREADABLE] = "unreadable",
};
enum { N_LOCKS = sizeof(lock_names) / sizeof(lock_names[0]) };

static uint64_t get_count(const void *base, const struct field *field)
{
    uint64_t value;

    memcpy(&value, (const char *)base + field->offset, sizeof(value));
    return value;
}

static void set_count(void *base, const struct field *field, uint64_t value)
{
    memcpy((char *)base + field->offset, &value, sizeof(value));
}

json_t *memory_settings_to_json(const struct memory_settings *settings)
{
    size_t n;
    const struct setting *table = memory_settings_table(&n);
    json_t *object = json_members("limits", work_limits_to_json(&settings->limits), NULL);

    return json_unless(object, codec_setting_write(object, table, n, settings));
}

int memory_settings_from_json(const json_t *json, struct memory_settings *ret, struct err *err)
{
    size_t n;
    const struct setting *table = memory_settings_table(&n);
    struct memory_settings settings = {0};

    if (codec_setting_read(json, table, n, &settings, err) < 0 ||
        work_limits_from_json(json_object_get(json, "limits"), &settings.limits, err) < 0)
        return -EINVAL;
    *ret = settings;
    return 0;
}

static json_t *policy_to_json(const struct memory_policy *policy)
{
    json_t *object = json_object();
    int failures = !object;

    if (policy->excluded)
        failures += json_object_set_new(object, "excluded", json_true());
    if (policy->has_floor)
        failures += json_object_set_new(object, "floor_kib", json_from_count(policy->floor_kib));
    if (policy->has_ceiling)
        failures +=
            json_object_set_new(object, "ceiling_kib", json_from_count(policy->ceiling_kib));
    if (policy->has_pin)
        failures += json_object_set_new(object, "pin_kib", json_from_count(policy->pin_kib));
    if (policy->has_weight)
        failures += json_object_set_new(object, "weight", json_from_count(policy->weight));
    return json_unless(object, failures);
}

/* The number of failures. */
static int set_rare(const struct memory_reading *reading, json_t *object)
{
    int failures = 0;

    if (reading->lock != MEMORY_LOCK_UNTOLD)
        failures += json_object_set_new(object, "lock", json_string(lock_names[reading->lock]));
    for (size_t i = 0; i < N_RARE; i++) {
        uint64_t value = get_count(reading, &rare_fields[i]);

        if (value)
            failures += json_object_set_new(object, rare_fields[i].name, json_from_count(value));
    }
    return failures;
}

static json_t *reading_to_json(const struct memory_reading *reading)
{
    /* clang-format off */
    json_t *object = json_members(
        "guest", json_from_guest(&reading->guest),
        "uuid", json_from_uuid(&reading->guest),
        "run", json_string(run_names[reading->run]),
        "has_balloon", json_boolean(reading->has_balloon),
        "locked", json_boolean(reading->locked),
        "policy", policy_to_json(&reading->policy),
        NULL);
    /* clang-format on */
    int failures = 0;

    for (size_t i = 0; i < N_FIELDS; i++) {
        const struct field *field = &reading_fields[i];

        if (!field->flag || (reading->has & field->flag))
            failures += json_object_set_new(object, field->name,
                                            json_from_count(get_count(reading, field)));
    }
    return json_unless(object, failures + set_rare(reading, object));
}

json_t *memory_sample_to_json(const struct memory_sample *sample)
{
    json_t *guests = json_array();
    json_t *object;
    int failures = 0;

    for (size_t i = 0; i < sample->n_guests; i++)
        failures += json_array_append_new(guests, reading_to_json(&sample->guests[i]));
    /* clang-format off */
    object = json_members(
        "at_ns", json_from_count(sample->at_ns),
        "host_total_kib", json_from_count(sample->host_total_kib),
        "host_free_kib", json_from_count(sample->host_free_kib),
        "host_available_kib", json_from_count(sample->host_available_kib),
        "guests", guests,
        NULL);
    /* clang-format on */
    if (sample->was_put_back)
        failures += json_object_set_new(object, "was_put_back", json_true());
    if (sample->host_arc_kib)
        failures +=
            json_object_set_new(object, "host_arc_kib", json_from_count(sample->host_arc_kib));
    return json_unless(object, failures);
}

static bool optional_count(const json_t *json, const char *name, uint64_t *ret)
{
    const json_t *value = json_object_get(json, name);

    return value && json_to_count(value, ret) == 0;
}

static void policy_from_json(const json_t *json, struct memory_policy *ret)
{
    uint64_t weight = 0;

    ret->excluded = json_is_true(json_object_get(json, "excluded"));
    ret->has_floor = optional_count(json, "floor_kib", &ret->floor_kib);
    ret->has_ceiling = optional_count(json, "ceiling_kib", &ret->ceiling_kib);
    ret->has_pin = optional_count(json, "pin_kib", &ret->pin_kib);
    ret->has_weight = optional_count(json, "weight", &weight);
    ret->weight = (unsigned)weight;
}

/* The index of a name in a list, or -EINVAL. */
static int find_name(const json_t *json, const char *const *names, int n)
{
    const char *name = json_string_value(json);

    for (int i = 0; name && i < n; i++) {
        if (strcmp(name, names[i]) == 0)
            return i;
    }
    return -EINVAL;
}

/* What is not there is 0. */
static int get_rare(const json_t *json, struct memory_reading *ret)
{
    const json_t *name = json_object_get(json, "lock");
    int lock = name ? find_name(name, lock_names, N_LOCKS) : MEMORY_LOCK_UNTOLD;

    for (size_t i = 0; i < N_RARE; i++) {
        uint64_t value = 0;

        optional_count(json, rare_fields[i].name, &value);
        set_count(ret, &rare_fields[i], value);
    }
    if (lock < 0)
        return lock;
    ret->lock = (enum memory_lock)lock;
    return 0;
}

static int reading_from_json(const json_t *json, struct memory_reading *ret)
{
    int run = find_name(json_object_get(json, "run"), run_names, N_RUNS);

    if (json_to_guest(json_object_get(json, "uuid"), json_object_get(json, "guest"), &ret->guest) <
            0 ||
        run < 0 || get_rare(json, ret) < 0)
        return -EINVAL;
    ret->run = (enum guest_run)run;
    ret->has_balloon = json_is_true(json_object_get(json, "has_balloon"));
    ret->locked = json_is_true(json_object_get(json, "locked"));
    policy_from_json(json_object_get(json, "policy"), &ret->policy);
    for (size_t i = 0; i < N_FIELDS; i++) {
        const struct field *field = &reading_fields[i];
        uint64_t value = 0;

        if (optional_count(json, field->name, &value))
            ret->has |= field->flag;
        else if (!field->flag)
            return -EINVAL;
        set_count(ret, field, value);
    }
    return 0;
}

int memory_sample_from_json(const json_t *json, struct memory_sample *ret, struct err *err)
{
    const json_t *guests = json_object_get(json, "guests");
    struct memory_sample sample = {.n_guests = json_array_size(guests)};

    if (!optional_count(json, "at_ns", &sample.at_ns) ||
        !optional_count(json, "host_total_kib", &sample.host_total_kib) ||
        !optional_count(json, "host_free_kib", &sample.host_free_kib) ||
        !optional_count(json, "host_available_kib", &sample.host_available_kib))
        return err_set(err, -EINVAL, "the sample lacks its time or the host's memory");
    optional_count(json, "host_arc_kib", &sample.host_arc_kib);
    sample.was_put_back = json_is_true(json_object_get(json, "was_put_back"));
    sample.guests = calloc(sample.n_guests + 1, sizeof(*sample.guests));
    if (!sample.guests)
        return err_set(err, -ENOMEM, "out of memory");
    for (size_t i = 0; i < sample.n_guests; i++) {
        if (reading_from_json(json_array_get(guests, i), &sample.guests[i]) < 0) {
            memory_sample_done(&sample);
            return err_set(err, -EINVAL, "guest %zu of the sample is incomplete", i);
        }
    }
    *ret = sample;
    return 0;
}

static json_t *places_to_json(const struct memory_plan *plan)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct memory_place *place = &plan->places[i];
        /* clang-format off */
        json_t *object = json_members(
            "uuid", json_from_uuid(&place->guest),
            "state", json_string(guest_state_text(place->state)),
            "state_since_ns", json_from_count(place->state_since_ns),
            "demand_kib", json_from_count(place->demand_kib),
            "wish_kib", json_from_count(place->wish_kib),
            "target_kib", json_from_count(place->target_kib),
            "floor_kib", json_from_count(place->floor_kib),
            "ceiling_kib", json_from_count(place->ceiling_kib),
            "asked_kib", json_from_count(place->asked_kib),
            NULL);
        /* clang-format on */

        failures += json_array_append_new(array, object);
    }
    return json_unless(array, failures);
}

static json_t *steps_to_json(const struct balloon_step *steps, size_t n)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t i = 0; i < n; i++) {
        /* clang-format off */
        json_t *object = json_members(
            "uuid", json_from_uuid(&steps[i].guest),
            "from_kib", json_from_count(steps[i].from_kib),
            "to_kib", json_from_count(steps[i].to_kib),
            "reason", json_from_text(steps[i].reason),
            NULL);
        /* clang-format on */

        failures += json_array_append_new(array, object);
    }
    return json_unless(array, failures);
}

json_t *memory_plan_to_json(const struct memory_plan *plan)
{
    /* clang-format off */
    return json_members(
        "verdict", json_string(verdict_text(plan->verdict)),
        "note", json_from_text(plan->note),
        "status", json_string(solve_status_text(plan->status)),
        "host_reserve_kib", json_from_count(plan->host_reserve_kib),
        "host_promised_kib", json_from_count(plan->host_promised_kib),
        "missing_kib", json_from_count(plan->missing_kib),
        "objective", json_from_number(plan->objective),
        "bound", json_from_number(plan->bound),
        "gap", json_from_number(plan->gap),
        "hold_objective", json_from_number(plan->hold_objective),
        "work", work_counts_to_json(&plan->work),
        "solver", plan_solver_to_json(&plan->solver),
        "places", places_to_json(plan),
        "reclaims", steps_to_json(plan->reclaims, plan->n_reclaims),
        "grants", steps_to_json(plan->grants, plan->n_grants),
        NULL);
    /* clang-format on */
}
