/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/originals.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/json_values.h"

void originals_done(struct originals *originals)
{
    free(originals->list);
    *originals = (struct originals){0};
}

static int compare(const struct original *original, const struct guest_id *guest, unsigned vcpu)
{
    int order = guest_compare(&original->guest, guest);

    return order ? order : (original->vcpu > vcpu) - (original->vcpu < vcpu);
}

/* The first one that is not below. */
static size_t find_place(const struct originals *originals, const struct guest_id *guest,
                         unsigned vcpu)
{
    size_t low = 0, high = originals->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(&originals->list[middle], guest, vcpu) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct originals *originals, size_t at, const struct guest_id *guest,
                  unsigned vcpu)
{
    return at < originals->n && compare(&originals->list[at], guest, vcpu) == 0;
}

const struct original *originals_find(const struct originals *originals,
                                      const struct guest_id *guest, int run, unsigned vcpu)
{
    size_t at = find_place(originals, guest, vcpu);

    return is_at(originals, at, guest, vcpu) && originals->list[at].run == run
               ? &originals->list[at]
               : NULL;
}

static int insert(struct originals *originals, size_t at)
{
    if (originals->n == originals->room) {
        size_t room = originals->room ? originals->room * 2 : 16;
        struct original *grown = realloc(originals->list, room * sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        originals->list = grown;
        originals->room = room;
    }
    memmove(&originals->list[at + 1], &originals->list[at],
            (originals->n - at) * sizeof(*originals->list));
    originals->n++;
    return 0;
}

/* What is known already is older, and so it is what the owner had. */
static void merge(struct originals *originals, struct original *old, const struct original *new)
{
    originals->is_changed |= (new->has_mask && !old->has_mask) ||
                             (new->has_size && !old->has_size) ||
                             (new->has_period && !old->has_period);
    if (new->has_mask && !cpuset_is_equal(&old->set, &new->set)) {
        old->set_before = old->set;
        old->set = new->set;
        originals->is_changed = true;
    }
    if (!old->has_mask)
        old->mask = new->mask;
    if (!old->has_size)
        old->actual_kib = new->actual_kib;
    if (!old->has_period)
        old->period_s = new->period_s;
    old->has_mask |= new->has_mask;
    old->has_size |= new->has_size;
    old->has_period |= new->has_period;
}

int originals_add(struct originals *originals, const struct original *original)
{
    size_t at = find_place(originals, &original->guest, original->vcpu);

    if (is_at(originals, at, &original->guest, original->vcpu)) {
        if (originals->list[at].run == original->run) {
            merge(originals, &originals->list[at], original);
            return 0;
        }
    } else if (insert(originals, at) < 0) {
        return -ENOMEM;
    }
    originals->list[at] = *original;
    originals->is_changed = true;
    return 0;
}

void originals_drop(struct originals *originals, size_t i)
{
    originals->n--;
    memmove(&originals->list[i], &originals->list[i + 1],
            (originals->n - i) * sizeof(*originals->list));
    originals->is_changed = true;
}

int originals_copy(const struct originals *from, struct originals *ret)
{
    struct originals copy = {.n = from->n, .room = from->n};

    copy.list = malloc((from->n + 1) * sizeof(*copy.list));
    if (!copy.list)
        return -ENOMEM;
    if (from->n)
        memcpy(copy.list, from->list, from->n * sizeof(*copy.list));
    *ret = copy;
    return 0;
}

static json_t *one_to_json(const struct original *original)
{
    /* clang-format off */
    json_t *object = json_members(
        "guest", json_from_guest(&original->guest),
        "uuid", json_from_uuid(&original->guest),
        "run", json_integer(original->run),
        "vcpu", json_integer(original->vcpu),
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
    return json_unless(object, failures);
}

json_t *originals_to_json(const struct originals *originals)
{
    json_t *array = json_array();
    int failures = !array;

    for (size_t i = 0; i < originals->n && array; i++)
        failures += json_array_append_new(array, one_to_json(&originals->list[i])) < 0;
    return json_unless(array, failures);
}

static int small_number(const json_t *object, const char *name, long long max, json_int_t *ret)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > max)
        return -EINVAL;
    *ret = json_integer_value(value);
    return 0;
}

static int one_from_json(const json_t *object, struct original *ret)
{
    const json_t *mask = json_object_get(object, "mask");
    const json_t *set = json_object_get(object, "set");
    const json_t *set_before = json_object_get(object, "set_before");
    const json_t *size = json_object_get(object, "actual_kib");
    json_int_t run, vcpu, period_s = 0;
    struct original original = {.has_mask = mask != NULL, .has_size = size != NULL};

    original.has_period = json_object_get(object, "period_s") != NULL;
    if (json_to_guest(json_object_get(object, "uuid"), json_object_get(object, "guest"),
                      &original.guest) < 0 ||
        small_number(object, "run", INT_MAX, &run) < 0 ||
        small_number(object, "vcpu", INT_MAX, &vcpu) < 0 ||
        (mask && json_to_cpuset(mask, &original.mask) < 0) ||
        (mask && cpuset_count(&original.mask) == 0) ||
        (set && json_to_cpuset(set, &original.set) < 0) ||
        (set_before && json_to_cpuset(set_before, &original.set_before) < 0) ||
        (size && json_to_count(size, &original.actual_kib) < 0) ||
        (original.has_period && small_number(object, "period_s", INT_MAX, &period_s) < 0))
        return -EINVAL;
    original.run = (int)run;
    original.vcpu = (unsigned)vcpu;
    original.period_s = (unsigned)period_s;
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
    originals.is_changed = false;
    *ret = originals;
    return 0;
}
