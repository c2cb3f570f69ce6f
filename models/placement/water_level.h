/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_WATER_LEVEL_H
#define EVENKEEL_MODELS_PLACEMENT_WATER_LEVEL_H

#include <stdint.h>

#include "models/placement/problem.h"

/* How evenly the bins could be loaded if items were water, except that a heavy one fills a bin
 * alone (README.md, "Water level"). The level is the exact fraction load / capacity of the bins
 * that no heavy item fills, both in permille. */
struct water_level {
    int64_t load, capacity;
    double sigma_bound_pct; /* no placement has a smaller standard deviation */
};

/* 0 or -ENOMEM. The problem has been checked. */
int water_level(const struct placement_problem *problem, struct water_level *ret);

/* What a demand counts at most in a bin of this capacity, in permille: the level there and 50 more,
 * but at least 250.
 *
 * Cut exactly at the level, light items would no longer be pushed off a bin that a heavy one fills.
 * Uncut, one unavoidable bin would set D for all (measured on bimodal loads: README.md). With fewer
 * busy items than bins the level is nearly 0: without the least cut, two of them on one bin beside
 * an empty one would not be worth a move. */
enum { WATER_LEVEL_MARGIN_PERMILLE = 50, WATER_LEVEL_LEAST_CUT_PERMILLE = 250 };
int water_level_cut_permille(const struct water_level *level, int capacity_permille);

#endif
