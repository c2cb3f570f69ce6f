/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_WINDOWS_H
#define EVENKEEL_MODELS_BOUND_WINDOWS_H

#include <stdint.h>

#include "models/bound/bin_sets.h"

/* The values that D can take, and for each the loads that it lets a bin have. D is the deviation
 * of some whole load, so there are finitely many values. The optimum is the least over the windows
 * of kappa * D + (least cost of moves with all loads inside the window) (README.md, "Windows").
 * Windows are nested and ordered by growing D. PLACEMENT_VARIANCE has one window: all loads that a
 * plan better than the incumbent could have. */
struct windows {
    const struct instance *in;
    int n;
    int64_t
        *least;    /* [n] smallest deviation that belongs to the window and not to the one before */
    int64_t *most; /* [n] largest; more than least only where values had to be merged */
    int n_shares;  /* distinct shares of bins */
    int *share_of; /* [m] */
    struct bin_sets sets;
    int n_kinds;     /* of bins: with the same share, in the same sets of bins (bin_sets.h) */
    int *kind_of;    /* [m] */
    int *low, *high; /* [n_kinds * n] loads, background included; high < low: none */
};

/* All windows of deviation <= most and at least the first. 0 or -ENOMEM; memory of the arena. */
int windows_new(const struct instance *in, int64_t most, struct arena *arena, struct windows *ret);
/* The largest deviation that a plan with F below this objective may have. */
int64_t windows_reach(const struct instance *in, int64_t objective);
/* The first window that admits this load of items (without background) in bin p, or n. */
int windows_index(const struct windows *windows, int p, int load);

/* Loads of p's items inside window t. */
static inline int windows_low(const struct windows *windows, int p, int t)
{
    int low = windows->low[(int64_t)windows->kind_of[p] * windows->n + t] -
              windows->in->balance->background[p];

    return low < 0 ? 0 : low;
}
static inline int windows_high(const struct windows *windows, int p, int t)
{
    return windows->high[(int64_t)windows->kind_of[p] * windows->n + t] -
           windows->in->balance->background[p];
}

/* F of a plan of window t whose moves cost this much (in 1 / price_scale), rounded up to what a
 * plan can have; and the other way round, how much the moves of a plan may cost for it to stay
 * within F. */
int64_t windows_objective(const struct windows *windows, int t, int64_t cost);
int64_t windows_budget(const struct windows *windows, int t, int64_t objective);
/* How much they cost at least where F is no less than this, whatever the plan's deviation is: in merged
 * windows less than a unit beyond the budget of what is just below. */
int64_t windows_cost_from(const struct windows *windows, int t, int64_t objective);

/* A bound of this size says: no plan at all. */
#define WINDOWS_IMPOSSIBLE (INT64_C(1) << 50)

#endif
