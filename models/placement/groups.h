/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_GROUPS_H
#define EVENKEEL_MODELS_PLACEMENT_GROUPS_H

#include <stdint.h>

#include "models/base/arena.h"
#include "models/placement/problem.h"

/* Items that are kept apart. Each member of a group beyond the first in a bin is charged, less what
 * no placement avoids: a group with more members than bins has
 *
 *   sum over its bins of max(0, members there - 1) = members - bins + number of bins without a member
 *
 * so it is charged for each of its bins that it leaves empty. Either way the charge of a bin depends
 * on that bin alone and is never negative: whoever ignores it has a lower bound.
 *
 * Items without demand are in no group, nor are those of a group that has one bin or one member. */
struct groups {
    int n;       /* 0: nothing is charged */
    int *id;     /* [n] in the problem */
    int *of;     /* [n_items] or -1 */
    int *first;  /* [n + 1] the members of g are member[first[g] ...] */
    int *member; /* items */
    int *bins;   /* [n] in which some member may be */
    int *gaps;   /* [m] groups of more members than bins that may be in bin p */
};

/* 0 or -ENOMEM; memory of the arena. */
int groups_new(const struct placement_problem *problem, struct arena *arena, struct groups *ret);

static inline int groups_size(const struct groups *groups, int g)
{
    return groups->first[g + 1] - groups->first[g];
}
static inline bool groups_fills(const struct groups *groups, int g)
{
    return groups_size(groups, g) > groups->bins[g];
}
/* Charges, in times together_cost, of a bin that the group may use with so many of it there, and what
 * one more adds. A bin without anybody has gaps[p] of them in all. */
static inline int groups_charge(const struct groups *groups, int g, int there)
{
    if (groups_fills(groups, g))
        return there == 0;
    return there > 1 ? there - 1 : 0;
}
static inline int groups_enter(const struct groups *groups, int g, int there)
{
    return groups_fills(groups, g) ? -(there == 0) : there > 0;
}
/* Whether a bin can be charged for the group at all. */
bool groups_can_charge(const struct groups *groups, const struct placement_problem *problem, int g,
                       size_t p);

/* All charges of a placement [n_items], in times together_cost; a bin of -1 counts nowhere. 0 or
 * -ENOMEM. */
int groups_together(const struct groups *groups, const int *bin_of, size_t n_bins, int64_t *ret);

#endif
