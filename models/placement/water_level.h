/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_WATER_LEVEL_H
#define EVENKEEL_MODELS_PLACEMENT_WATER_LEVEL_H

#include <stdint.h>

#include "models/placement/problem.h"

/* How evenly a host could be loaded if vCPUs were water, except that a heavy one fills a bin alone
 * (README.md, "Water level"). The level is the exact fraction load / capacity of the bins that no
 * heavy vCPU fills, both in permille of one pCPU. */
struct water_level {
    int64_t load, capacity;
    double sigma_bound_pct; /* no placement has a smaller standard deviation */
};

/* 0 or -ENOMEM. The problem has been checked. */
int water_level(const struct placement_problem *problem, struct water_level *ret);

/* What a demand counts at most in a bin of this capacity: the level there and 5 points more. Cut
 * exactly at the level, light vCPUs would no longer be pushed off a bin that a heavy one fills;
 * uncut, one unavoidable bin would set D for all (measured on bimodal loads: README.md). But never
 * less than a quarter of a pCPU: with fewer busy vCPUs than bins the level is nearly 0, and two of
 * them on one bin beside an empty one would not be worth a move. */
enum { WATER_LEVEL_MARGIN_PERMILLE = 50, WATER_LEVEL_LEAST_CUT_PERMILLE = 250 };
int water_level_cut_permille(const struct water_level *level, int capacity_permille);

#endif
