/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/counting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"

enum {
    /* Steps: low_p / j and high_p / j for j up to one more than the items per bin, at most this. */
    MAX_DIVISORS = 8,
    /* Different values of low_p and of high_p that serve, evenly spread: they are as many as bins only
     * where every bin has another background. */
    MAX_VALUES = 32,
};

struct counting {
    const struct windows *windows;
    const struct instance *in;
    int *need, *values; /* [m] */
    struct arena arena;
};

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

static int divisors(const struct bin_set *set)
{
    return min_int(MAX_DIVISORS, set->n_reaching / set->n_bins + 1);
}

/* The first rule for s = value / j; j = 0: s is infinite. */
static bool is_filled(const struct counting *c, const struct bin_set *set, int value, int j)
{
    int64_t wanted = 0, most = 1 + (int64_t)j * c->values[0] / value, there = 0;

    for (int k = 0; k < set->n_bins; k++)
        if (c->need[k] > 0)
            wanted += 1 + (int64_t)j * c->need[k] / value;
    for (int k = 0; k < set->n_reaching && there < wanted; k++)
        there += min64(most, 1 + (int64_t)j * set->reaching[k] / value);
    return there >= wanted;
}

/* Some bin holds no more than the average number of items, and no more than the heaviest weigh. */
static bool can_fill_least(const struct counting *c, const struct bin_set *set)
{
    int least = c->need[0];

    for (int k = 1; k < set->n_bins; k++)
        least = min_int(least, c->need[k]);
    return sum_of(set->reaching, set->n_reaching / set->n_bins) >= least;
}

static bool can_fill(const struct counting *c, const struct bin_set *set, int t)
{
    int n_values;

    for (int k = 0; k < set->n_bins; k++)
        c->need[k] = windows_low(c->windows, set->bins[k], t);
    if (sum_of(set->reaching, set->n_reaching) < sum_of(c->need, set->n_bins) ||
        !can_fill_least(c, set))
        return false;
    n_values = choose(c, set->n_bins);
    if (n_values > 0 && !is_filled(c, set, c->values[0], 0))
        return false;
    for (int k = 0; k < n_values; k++)
        for (int j = 1; j <= divisors(set); j++)
            if (!is_filled(c, set, c->values[k], j))
                return false;
    return true;
}

static int64_t ceil_less_one(int64_t a, int64_t b)
{
    return a > 0 ? (a - 1) / b : 0;
}

/* The second rule for s = value / j. */
static bool is_held(const struct counting *c, const struct bin_set *set, int value, int j)
{
    int64_t room = 0, there = 0;

    for (int k = 0; k < set->n_bins; k++)
        room += ceil_less_one((int64_t)j * c->need[k], value);
    for (int k = 0; k < set->n_confined && there <= room; k++)
        there += ceil_less_one((int64_t)j * set->confined[k], value);
    return there <= room;
}

/* Some bin holds no less than the average number of items, and no less than the lightest weigh. */
static bool can_hold_most(const struct counting *c, const struct bin_set *set)
{
    int most = c->need[0];

    for (int k = 1; k < set->n_bins; k++)
        most = max_int(most, c->need[k]);
    return set->n_confined == 0 ||
           sum_of(set->confined, (set->n_confined - 1) / set->n_bins + 1) <= most;
}

static bool can_hold(const struct counting *c, const struct bin_set *set, int t)
{
    int n_values;

    for (int k = 0; k < set->n_bins; k++) {
        c->need[k] = windows_high(c->windows, set->bins[k], t);
        if (c->need[k] < 0)
            return false;
    }
    if (sum_of(set->confined, set->n_confined) > sum_of(c->need, set->n_bins) ||
        !can_hold_most(c, set))
        return false;
    n_values = choose(c, set->n_bins);
    for (int k = 0; k < n_values; k++)
        for (int j = 2; j <= divisors(set) + 1; j++)
            if (!is_held(c, set, c->values[k], j))
                return false;
    return true;
}

static bool may_exist(const struct counting *c, int t)
{
    const struct bin_sets *sets = &c->windows->sets;

    for (int k = 0; k < sets->n; k++)
        if (!can_fill(c, &sets->set[k], t) || !can_hold(c, &sets->set[k], t))
            return false;
    return true;
}

int counting_first_window(const struct windows *windows, int *ret)
{
    struct counting c = {.windows = windows, .in = windows->in};
    int low = 0, high = windows->n, middle = 0, r;

    c.need = arena_take(&c.arena, (size_t)c.in->m, sizeof(int));
    c.values = arena_take(&c.arena, (size_t)c.in->m, sizeof(int));
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
