/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Originals as the journal has them. */
#include <errno.h>
#include <limits.h>

#include "agent/base/json_values.h"
#include "agent/base/originals.h"

static json_t *one_to_json(const struct original *original)
{
    /* clang-format off */
    json_t *object = json_members(
        "guest", json_from_guest(&original->guest),
        "uuid", json_from_uuid(&original->guest),
        "run", json_integer(original->run),
        original->is_helpers ? "iothread" : "vcpu", json_integer(original->vcpu),
        NULL);
    /* clang-format on */
    int failures = !object;

    if (object && original->has_mask)
        failures += json_object_set_new(object, "mask", json_from_cpuset(&original->mask)) < 0;
    if (object && cpuset_count(&original->set) > 0)
        failures += json_object_set_new(object, "set", json_from_cpuset(&original->set)) < 0;
    if (object && cpuset_count(&original->set_before) > 0)
        failures +=
            json_object_set_new(object, "set_before", json_from_cpuset(&original->set_before)) < 0;
    if (object && original->has_size)
        failures +=
            json_object_set_new(object, "actual_kib", json_from_count(original->actual_kib)) < 0;
    if (object && original->has_period)
        failures += json_object_set_new(object, "period_s", json_integer(original->period_s)) < 0;
    if (object && original->gone_s)
        failures += json_object_set_new(object, "gone_s", json_integer(original->gone_s)) < 0;
    return json_unless(object, failures);
}

json_t *originals_to_json(const struct originals *originals)
{
    json_t *array = json_array();
    int failures = !array;

    for (size_t i = 0; i < originals->n && array; i++)
        failures += json_array_append_new(array, one_to_json(originals->list[i])) < 0;
    return json_unless(array, failures);
}

static int number(const json_t *object, const char *name, json_int_t max, json_int_t *ret)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > max)
        return -EINVAL;
    *ret = json_integer_value(value);
    return 0;
}

/* What of an original only some have. */
static int members_from_json(const json_t *object, struct original *ret)
{
    const json_t *mask = json_object_get(object, "mask");
    const json_t *set = json_object_get(object, "set");
    const json_t *set_before = json_object_get(object, "set_before");
    const json_t *size = json_object_get(object, "actual_kib");
    json_int_t period_s = 0, gone_s = 0;

    ret->has_mask = mask != NULL;
    ret->has_size = size != NULL;
    ret->has_period = json_object_get(object, "period_s") != NULL;
    if ((mask && json_to_cpuset(mask, &ret->mask) < 0) || (mask && cpuset_count(&ret->mask) == 0) ||
        (set && json_to_cpuset(set, &ret->set) < 0) ||
        (set_before && json_to_cpuset(set_before, &ret->set_before) < 0) ||
        (size && json_to_count(size, &ret->actual_kib) < 0) ||
        (ret->has_period && number(object, "period_s", INT_MAX, &period_s) < 0) ||
        (json_object_get(object, "gone_s") && number(object, "gone_s", INT64_MAX, &gone_s) < 0))
        return -EINVAL;
    ret->period_s = (unsigned)period_s;
    ret->gone_s = gone_s;
    return 0;
}

static int one_from_json(const json_t *object, struct original *ret)
{
    struct original original = {.is_helpers = json_object_get(object, "iothread") != NULL};
    json_int_t run, vcpu;

    if (json_to_guest(json_object_get(object, "uuid"), json_object_get(object, "guest"),
                      &original.guest) < 0 ||
        number(object, "run", INT_MAX, &run) < 0 ||
        number(object, original.is_helpers ? "iothread" : "vcpu", INT_MAX, &vcpu) < 0 ||
        members_from_json(object, &original) < 0)
        return -EINVAL;
    original.run = (int)run;
    original.vcpu = (unsigned)vcpu;
    *ret = original;
    return 0;
}

int originals_from_json(const json_t *array, struct originals *ret)
{
    struct originals originals = {0};
    int r = json_is_array(array) ? 0 : -EINVAL;

    for (size_t i = 0; r >= 0 && i < json_array_size(array); i++) {
        struct original original;

        r = one_from_json(json_array_get(array, i), &original);
        if (r >= 0)
            r = originals_add(&originals, &original);
    }
    if (r < 0) {
        originals_done(&originals);
        *ret = originals;
        return r;
    }
    originals_are_written(&originals);
    originals.is_changed = false;
    *ret = originals;
    return 0;
}
