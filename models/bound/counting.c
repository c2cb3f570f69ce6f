/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/counting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"

enum {
    /* Sets of bins beside the set of all: two for each of the first masks met. Hosts have a few kinds
     * of masks; half of it would still do, double only costs time where every item has its own. */
    MAX_MASKS = 8,
    /* Steps: low_p / j and high_p / j for j up to one more than the items per bin, at most this. */
    MAX_DIVISORS = 8,
    /* Different values of low_p and of high_p that serve, evenly spread: they are as many as bins only
     * where every bin has another background. */
    MAX_VALUES = 32,
};

/* A set of bins, and who may run there. */
struct group {
    int *bins, n_bins;
    int *reaching, n_reaching; /* weights of the items that may run in one of the bins, falling */
    int *confined, n_confined; /* of those that may run in no other, rising */
};

struct counting {
    const struct windows *windows;
    const struct instance *in;
    struct group groups[1 + 2 * MAX_MASKS];
    int n_groups;
    int *need, *values; /* [m] */
    struct arena arena;
};

/* ---- Groups ---- */

static bool is_member(const bool *mask, bool complement, int p)
{
    return !mask || mask[p] != complement;
}

/* Bits: 1 may run inside, 2 may run outside. */
static int relation(const struct instance *in, int i, const bool *mask, bool complement)
{
    int found = 0;

    for (int p = 0; p < in->m && found != 3; p++)
        if (placement_may_run(in->problem, (size_t)in->id[i], (size_t)p))
            found |= is_member(mask, complement, p) ? 1 : 2;
    return found;
}

/* mask NULL: all bins. A group without bins says nothing. */
static void add_group(struct counting *c, const bool *mask, bool complement)
{
    const struct instance *in = c->in;
    struct group *group = &c->groups[c->n_groups];

    group->bins = arena_take(&c->arena, (size_t)in->m, sizeof(int));
    group->reaching = arena_take(&c->arena, (size_t)in->n, sizeof(int));
    group->confined = arena_take(&c->arena, (size_t)in->n, sizeof(int));
    if (arena_error(&c->arena) < 0)
        return;
    for (int p = 0; p < in->m; p++)
        if (is_member(mask, complement, p))
            group->bins[group->n_bins++] = p;
    for (int i = 0; i < in->n && group->n_bins > 0; i++) {
        int where = in->weight[i] > 0 ? relation(in, i, mask, complement) : 0;

        if (where & 1)
            group->reaching[group->n_reaching++] = in->weight[i];
        if (where == 1)
            group->confined[group->n_confined++] = in->weight[i];
    }
    qsort(group->reaching, (size_t)group->n_reaching, sizeof(int), whole_descending);
    qsort(group->confined, (size_t)group->n_confined, sizeof(int), whole_ascending);
    c->n_groups += group->n_bins > 0;
}

static const bool *mask_of(const struct instance *in, int i)
{
    return in->problem->allowed + (size_t)in->id[i] * in->problem->n_bins;
}

static void add_masks(struct counting *c)
{
    const struct instance *in = c->in;
    size_t size = (size_t)in->m * sizeof(bool);
    const bool *known[MAX_MASKS];
    int n = 0;

    for (int i = 0; i < in->n && n < MAX_MASKS; i++) {
        const bool *mask = mask_of(in, i);
        int k = 0;

        while (k < n && memcmp(known[k], mask, size) != 0)
            k++;
        if (k < n || !memchr(mask, 0, size))
            continue;
        known[n++] = mask;
        add_group(c, mask, false);
        add_group(c, mask, true);
    }
}

/* ---- Rules ---- */

/* Distinct values above 0 of need [n], at most MAX_VALUES; the largest is among them. How many. */
static int choose(const struct counting *c, int n)
{
    int distinct = 0, chosen = 0;

    memcpy(c->values, c->need, (size_t)n * sizeof(int));
    qsort(c->values, (size_t)n, sizeof(int), whole_descending);
    for (int k = 0; k < n && c->values[k] > 0; k++)
        if (distinct == 0 || c->values[k] != c->values[distinct - 1])
            c->values[distinct++] = c->values[k];
    for (int k = 0; k < distinct; k++)
        if (k * (int64_t)MAX_VALUES / distinct >= chosen)
            c->values[chosen++] = c->values[k];
    return chosen;
}

static int64_t sum_of(const int *values, int n)
{
    int64_t sum = 0;

    for (int k = 0; k < n; k++)
        sum += values[k];
    return sum;
}

static int divisors(const struct group *group)
{
    return min_int(MAX_DIVISORS, group->n_reaching / group->n_bins + 1);
}

/* The first rule for s = value / j; j = 0: s is infinite. */
static bool is_filled(const struct counting *c, const struct group *group, int value, int j)
{
    int64_t wanted = 0, most = 1 + (int64_t)j * c->values[0] / value, there = 0;

    for (int k = 0; k < group->n_bins; k++)
        if (c->need[k] > 0)
            wanted += 1 + (int64_t)j * c->need[k] / value;
    for (int k = 0; k < group->n_reaching && there < wanted; k++)
        there += min64(most, 1 + (int64_t)j * group->reaching[k] / value);
    return there >= wanted;
}

/* Some bin holds no more than the average number of items, and no more than the heaviest weigh. */
static bool can_fill_least(const struct counting *c, const struct group *group)
{
    int least = c->need[0];

    for (int k = 1; k < group->n_bins; k++)
        least = min_int(least, c->need[k]);
    return sum_of(group->reaching, group->n_reaching / group->n_bins) >= least;
}

static bool can_fill(const struct counting *c, const struct group *group, int t)
{
    int n_values;

    for (int k = 0; k < group->n_bins; k++)
        c->need[k] = windows_low(c->windows, group->bins[k], t);
    if (sum_of(group->reaching, group->n_reaching) < sum_of(c->need, group->n_bins) ||
        !can_fill_least(c, group))
        return false;
    n_values = choose(c, group->n_bins);
    if (n_values > 0 && !is_filled(c, group, c->values[0], 0))
        return false;
    for (int k = 0; k < n_values; k++)
        for (int j = 1; j <= divisors(group); j++)
            if (!is_filled(c, group, c->values[k], j))
                return false;
    return true;
}

static int64_t ceil_less_one(int64_t a, int64_t b)
{
    return a > 0 ? (a - 1) / b : 0;
}

/* The second rule for s = value / j. */
static bool is_held(const struct counting *c, const struct group *group, int value, int j)
{
    int64_t room = 0, there = 0;

    for (int k = 0; k < group->n_bins; k++)
        room += ceil_less_one((int64_t)j * c->need[k], value);
    for (int k = 0; k < group->n_confined && there <= room; k++)
        there += ceil_less_one((int64_t)j * group->confined[k], value);
    return there <= room;
}

/* Some bin holds no less than the average number of items, and no less than the lightest weigh. */
static bool can_hold_most(const struct counting *c, const struct group *group)
{
    int most = c->need[0];

    for (int k = 1; k < group->n_bins; k++)
        most = max_int(most, c->need[k]);
    return group->n_confined == 0 ||
           sum_of(group->confined, (group->n_confined - 1) / group->n_bins + 1) <= most;
}

static bool can_hold(const struct counting *c, const struct group *group, int t)
{
    int n_values;

    for (int k = 0; k < group->n_bins; k++) {
        c->need[k] = windows_high(c->windows, group->bins[k], t);
        if (c->need[k] < 0)
            return false;
    }
    if (sum_of(group->confined, group->n_confined) > sum_of(c->need, group->n_bins) ||
        !can_hold_most(c, group))
        return false;
    n_values = choose(c, group->n_bins);
    for (int k = 0; k < n_values; k++)
        for (int j = 2; j <= divisors(group) + 1; j++)
            if (!is_held(c, group, c->values[k], j))
                return false;
    return true;
}

static bool may_exist(const struct counting *c, int t)
{
    for (int g = 0; g < c->n_groups; g++)
        if (!can_fill(c, &c->groups[g], t) || !can_hold(c, &c->groups[g], t))
            return false;
    return true;
}

int counting_first_window(const struct windows *windows, int *ret)
{
    struct counting c = {.windows = windows, .in = windows->in};
    int low = 0, high = windows->n, middle = 0, r;

    c.need = arena_take(&c.arena, (size_t)c.in->m, sizeof(int));
    c.values = arena_take(&c.arena, (size_t)c.in->m, sizeof(int));
    add_group(&c, NULL, false);
    if (c.in->problem->allowed)
        add_masks(&c);
    r = arena_error(&c.arena);
    while (low < high && r == 0) {
        if (may_exist(&c, middle))
            high = middle;
        else
            low = middle + 1;
        middle = low + (high - low) / 2;
    }
    arena_done(&c.arena);
    *ret = low;
    return r;
}
