/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/originals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/guest_name.h"

/* A guest that was saved is usually back within a month; without an end the journal would grow with each guest
 * that a host ever had. So many more are kept than were there at once, who all go where the host is booted. */
static const int64_t max_gone_s = 30 * 86400;
enum { MAX_GONE = 4096 };
static const uint64_t trusted_ns = UINT64_C(86400) * 1000000000;

void originals_done(struct originals *originals)
{
    for (size_t i = 0; i < originals->n; i++)
        free(originals->list[i]);
    free(originals->list);
    *originals = (struct originals){0};
}

bool original_is_of(const struct original *original, const char *guest)
{
    return !guest || guest_is_called(&original->guest, guest);
}

static bool has_guest(const struct originals *originals, const char *guest)
{
    for (size_t i = 0; originals && i < originals->n; i++) {
        if (original_is_of(originals->list[i], guest))
            return true;
    }
    return false;
}

int originals_look_for(const struct originals *originals, const char *guest, bool is_there,
                       struct err *err)
{
    if (is_there || has_guest(originals, guest) || has_guest(originals->gone, guest))
        return 0;
    return err_set(err, -ENOENT, "no guest '%.100s' runs, and none of that name is owed anything",
                   guest);
}

/* One of a list of originals is about this: a guest's vCPU, or helpers of it. */
struct thing {
    const struct guest_id *guest;
    bool is_helpers;
    unsigned vcpu;
};

static struct thing thing_of(const struct original *original)
{
    return (struct thing){&original->guest, original->is_helpers, original->vcpu};
}

static int compare(const struct original *original, const struct thing *thing)
{
    int order = guest_compare(&original->guest, thing->guest);

    if (!order)
        order =
            (original->is_helpers > thing->is_helpers) - (original->is_helpers < thing->is_helpers);
    return order ? order : (original->vcpu > thing->vcpu) - (original->vcpu < thing->vcpu);
}

/* The first one that is not below. */
static size_t find_place(const struct originals *originals, const struct thing *thing)
{
    size_t low = 0, high = originals->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(originals->list[middle], thing) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct originals *originals, size_t at, const struct thing *thing)
{
    return at < originals->n && compare(originals->list[at], thing) == 0;
}

static const struct original *find(const struct originals *originals, const struct thing *thing,
                                   int run)
{
    size_t at = find_place(originals, thing);

    return is_at(originals, at, thing) && originals->list[at]->run == run ? originals->list[at]
                                                                          : NULL;
}

const struct original *originals_find(const struct originals *originals,
                                      const struct guest_id *guest, int run, unsigned vcpu)
{
    return find(originals, &(struct thing){guest, false, vcpu}, run);
}

const struct original *originals_find_helpers(const struct originals *originals,
                                              const struct guest_id *guest, int run,
                                              unsigned iothread)
{
    return find(originals, &(struct thing){guest, true, iothread}, run);
}

size_t originals_first(const struct originals *originals, const struct guest_id *guest)
{
    return find_place(originals, &(struct thing){guest, false, 0});
}

static int put_in(struct originals *originals, size_t at, struct original *original)
{
    if (originals->n == originals->room) {
        size_t room = originals->room ? originals->room * 2 : 16;
        struct original **grown = realloc(originals->list, room * sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        originals->list = grown;
        originals->room = room;
    }
    memmove(&originals->list[at + 1], &originals->list[at],
            (originals->n - at) * sizeof(*originals->list));
    originals->list[at] = original;
    originals->n++;
    return 0;
}

static struct original *take_out(struct originals *originals, size_t i)
{
    struct original *taken = originals->list[i];

    originals->n--;
    memmove(&originals->list[i], &originals->list[i + 1],
            (originals->n - i) * sizeof(*originals->list));
    originals->is_changed = true;
    return taken;
}

static struct original *copy_of(const struct original *original)
{
    struct original *copy = malloc(sizeof(*copy));

    if (copy)
        *copy = *original;
    return copy;
}

static int insert(struct originals *originals, size_t at, const struct original *original)
{
    struct original *copy = copy_of(original);

    if (copy && put_in(originals, at, copy) >= 0)
        return 0;
    free(copy);
    return -ENOMEM;
}

/* What was set last may have failed. What is live then is still what was set before it, and that must
 * stay known however often setting fails. */
static void set_anew(struct original *old, const struct original *new)
{
    bool is_still_before =
        cpuset_is_subset(&new->mask, &old->set_before) && !cpuset_is_subset(&new->mask, &old->set);

    if (!is_still_before)
        old->set_before = old->set;
    old->set = new->set;
}

/* Of another original of the same thing, with whether it is on disk. */
static void take_what_is_missing(struct original *to, const struct original *from)
{
    if (!to->has_mask && from->has_mask) {
        to->has_mask = true;
        to->mask = from->mask;
        to->is_mask_written = from->is_mask_written;
    }
    if (!to->has_size && from->has_size) {
        to->has_size = true;
        to->actual_kib = from->actual_kib;
        to->is_size_written = from->is_size_written;
    }
    if (!to->has_period && from->has_period) {
        to->has_period = true;
        to->period_s = from->period_s;
        to->is_period_written = from->is_period_written;
    }
}

/* What is known already is older, and so it is what the owner had. */
static void merge(struct originals *originals, struct original *old, const struct original *new)
{
    originals->is_changed |= (new->has_mask && !old->has_mask) ||
                             (new->has_size && !old->has_size) ||
                             (new->has_period && !old->has_period);
    if (new->has_mask && !cpuset_is_equal(&old->set, &new->set)) {
        set_anew(old, new);
        originals->is_changed = true;
    }
    take_what_is_missing(old, new);
}

int originals_keep(struct originals *originals, const struct original *original, struct err *err)
{
    if (originals_add(originals, original) < 0)
        return err_set(err, -ENOMEM, "out of memory for what has to be put back");
    return 0;
}

int originals_add(struct originals *originals, const struct original *original)
{
    const struct thing thing = thing_of(original);
    size_t at = find_place(originals, &thing);

    if (!is_at(originals, at, &thing)) {
        if (insert(originals, at, original) < 0)
            return -ENOMEM;
    } else if (originals->list[at]->run == original->run) {
        merge(originals, originals->list[at], original);
        return 0;
    } else {
        *originals->list[at] = *original;
    }
    originals->is_changed = true;
    return 0;
}

void originals_drop(struct originals *originals, size_t i)
{
    free(take_out(originals, i));
}

/* What an earlier run had, and the later one was not seen to have, may still be in a snapshot of it. */
static void fill_in(struct original *later, const struct original *earlier)
{
    if (!later->has_mask && earlier->has_mask) {
        later->set = earlier->set;
        later->set_before = earlier->set_before;
    }
    take_what_is_missing(later, earlier);
}

static void drop_the_oldest(struct originals *gone)
{
    size_t oldest = 0;

    for (size_t i = 1; i < gone->n; i++) {
        if (gone->list[i]->gone_s < gone->list[oldest]->gone_s)
            oldest = i;
    }
    originals_drop(gone, oldest);
}

/* Among those that are gone. */
static int settle(struct originals *gone, struct original *left)
{
    const struct thing thing = thing_of(left);
    size_t at = find_place(gone, &thing);

    if (!is_at(gone, at, &thing))
        return put_in(gone, at, left);
    fill_in(left, gone->list[at]);
    free(gone->list[at]);
    gone->list[at] = left;
    return 0;
}

int originals_leave(struct originals *originals, size_t i, int64_t now_s)
{
    struct originals *gone = originals->gone;
    struct original *left = originals->list[i];

    if (!gone) {
        originals_drop(originals, i);
        return 0;
    }
    if (settle(gone, left) < 0)
        return -ENOMEM;
    take_out(originals, i);
    left->gone_s = now_s > 0 ? now_s : 1;
    left->met = 0;
    if (gone->n > MAX_GONE + originals->room)
        drop_the_oldest(gone);
    return 0;
}

int originals_return(struct originals *originals, const struct guest_id *guest, int run)
{
    const struct guest_id id = *guest; /* it may be one of those that move */
    struct originals *gone = originals->gone;
    size_t first = originals_first(gone, &id);

    while (first < gone->n && guest_compare(&gone->list[first]->guest, &id) == 0) {
        struct original back = *gone->list[first];

        back.run = run;
        back.gone_s = 0;
        if (originals_add(originals, &back) < 0)
            return -ENOMEM;
        originals_drop(gone, first);
    }
    return 0;
}

static bool is_outdated(const struct original *original, int64_t now_s)
{
    return now_s - original->gone_s > max_gone_s;
}

void originals_expire(struct originals *originals, int64_t now_s, uint64_t monotonic_ns)
{
    struct originals *gone = originals->gone;
    size_t n = 0;

    for (size_t i = 0; gone && i < gone->n; i++)
        n += is_outdated(gone->list[i], now_s);
    if (n == 0 || originals->outdated_ns == 0)
        originals->outdated_ns = n ? monotonic_ns : 0;
    for (size_t i = 0; n > 0 && i < gone->n;) {
        if (monotonic_ns - originals->outdated_ns < trusted_ns ||
            !is_outdated(gone->list[i], now_s)) {
            i++;
        } else {
            originals_drop(gone, i);
            originals->is_changed = true;
        }
    }
}

void originals_are_written(struct originals *originals)
{
    for (size_t i = 0; i < originals->n; i++) {
        struct original *original = originals->list[i];

        original->is_mask_written = original->has_mask;
        original->is_size_written = original->has_size;
        original->is_period_written = original->has_period;
    }
}

void originals_forget_unwritten(struct originals *originals)
{
    for (size_t i = 0; i < originals->n;) {
        struct original *original = originals->list[i];

        original->has_mask &= original->is_mask_written;
        original->has_size &= original->is_size_written;
        original->has_period &= original->is_period_written;
        if (original->has_mask || original->has_size || original->has_period)
            i++;
        else
            originals_drop(originals, i);
    }
}

int originals_copy(const struct originals *from, struct originals *ret)
{
    struct originals copy = {0};

    for (size_t i = 0; i < from->n; i++) {
        if (insert(&copy, i, from->list[i]) < 0) {
            originals_done(&copy);
            return -ENOMEM;
        }
    }
    *ret = copy;
    return 0;
}
