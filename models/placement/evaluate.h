/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_EVALUATE_H
#define EVENKEEL_MODELS_PLACEMENT_EVALUATE_H

#include "models/placement/problem.h"

/* What a placement is worth, in exact integers: the one truth that every step and every checker
 * uses. cost is that of the items' bins, in cost units; deviation_scaled is D times 1 / scale points. A
 * bin of -1, a bin that is not allowed and a hard rule that is broken count in violations. 0 or -ENOMEM. */
struct placement_value {
    int64_t deviation_scaled, scale;
    int64_t square_sum_permille2; /* sum over bins of (load - target)^2, rounded down */
    int64_t overload_permille;    /* summed over the bins; 0 where it is not counted */
    int64_t together;             /* charges of items of one group (groups.h) */
    int64_t cost;
    int64_t cost_with_charges;
    size_t violations, moves;
    double objective; /* as in struct placement_solution */
};
int placement_evaluate(const struct placement_problem *problem, const int *bin_of,
                       struct placement_value *ret);

/* What one cost unit is of the objective, in points (variance: points squared). */
double placement_cost_unit(const struct placement_problem *problem);

/* Balance in the operator's terms, from the uncut demands: population standard deviation of the
 * bins' loads (background included) in percentage points, and the least that any placement could
 * reach (water level). sigma < 0: out of memory. A floating item counts nowhere. */
double placement_sigma_pct(const struct placement_problem *problem, const int *bin_of);
double placement_sigma_bound_pct(const struct placement_problem *problem);
/* The water level, in permille: items above it cannot be balanced away. */
int placement_water_level_permille(const struct placement_problem *problem);

#endif
