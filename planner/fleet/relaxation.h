/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_RELAXATION_H
#define EVENKEEL_PLANNER_FLEET_RELAXATION_H

#include "planner/fleet/measure.h"

/* What no plan of the whole fleet can be cheaper than, whatever groups are made, in price units: Lagrange's
 * bound (models/README.md, "Lagrangian bound") with two numbers for all guests instead of a price for each,
 * hard rules left out. A
 * bin pays nu + mu w for a guest of weight w that enters, whoever it is, and
 * a bin that lets guest i go pays what is left of its price, c_i - nu - mu w_i. For a largest deviation
 * D, bin p lets go of s, at least what it has above its upper limit; if that leaves it below its lower
 * limit low_p, somebody has to enter:
 *
 *     v_p(D) = min over s >= e_p(D) of  h_p(s) + (nu + mu (low_p - (load_p - s)) if that is > 0)
 *     F >= min over D of  kappa D + max over nu, mu of
 *                         sum_p v_p(D) + sum of least price - nu - mu w of those who have no home
 *
 * with h_p(s) the least rest of prices of guests of p that weigh s together, exactly. D goes up in small
 * steps: kappa counts with the lower end of a step, the rest with its upper end. nu and mu are raised
 * and lowered where the bound is weakest, a fixed number of times.
 *
 * at [n]: -1 for those that are stopped in all plans. most: a price that is known to be reached; D
 * beyond it is not looked at. 0 or -ENOMEM. */
int relaxation_bound(struct measure *measure, const int *at, double kappa, double most,
                     double *ret);

#endif
