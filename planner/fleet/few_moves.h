/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_FEW_MOVES_H
#define EVENKEEL_PLANNER_FLEET_FEW_MOVES_H

#include "planner/fleet/spread.h"

/* At most so many moves in a round. Each move is charged more until there are few enough. With a charge
 * q for each, no plan of at most K moves costs less than the least of (price + q moves) - q K, which is
 * Lagrange's bound; of the plans that were met, the cheapest with at most K moves is taken. Where none
 * has so few, as more have to be moved, the one with the fewest is, and the note says so: then the
 * bound is that of all plans, as this one is none of those. Replaces the plan in *spread and its bound.
 * 0 or -ENOMEM. */
int few_moves(const struct start *start, size_t most, double kappa, struct spread *spread);

#endif
