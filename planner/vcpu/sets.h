/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_SETS_H
#define EVENKEEL_PLANNER_VCPU_SETS_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/base/plan.h"
#include "planner/base/sample.h"
#include "planner/topology/bins.h"

/* The places of a plan above level pcpu: sets of pCPUs that guests may use. Those of the level are
 * disjoint; behind them are the nodes, where the level is finer, for guests that are too large for one
 * of its sets. */
struct vcpu_sets {
    enum topology_level level;
    struct plan_set *set; /* [n_all] */
    size_t n, n_all;      /* n of the level */
    int *of_pcpu;         /* [sample's pCPUs] which of the level, -1: guests may not use it */
    size_t *first_pcpu;   /* [n_all + 1] a set's pCPUs are pcpu[first_pcpu[s]] and on, */
    size_t *pcpu;         /* as indices into the sample's */
};

/* The sample has a shape. 0 or -ENOMEM; vcpu_sets_done() is due in both cases. */
int vcpu_sets_new(const struct vcpu_sample *sample, enum topology_level level,
                  struct vcpu_sets *ret);
void vcpu_sets_done(struct vcpu_sets *sets);

/* What all of its pCPUs get done together, in pCPUs. */
static inline double plan_set_worth(const struct plan_set *set)
{
    return set->cores + PLAN_SIBLING_SHARE * set->siblings;
}

/* The first set that holds all of a mask that guests may use; -1: none does, or nothing is left of
 * the mask. */
int vcpu_sets_holding(const struct vcpu_sets *sets, const struct cpuset *mask);

/* The levels that the sample's shape allows; none without a shape. 0 or -ENOMEM. */
int vcpu_sets_levels(const struct vcpu_sample *sample, struct topology_levels *ret);

#endif
