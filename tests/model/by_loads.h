/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_MODEL_BY_LOADS_H
#define EVENKEEL_TESTS_MODEL_BY_LOADS_H

#include "models/placement/problem.h"

/* The objective of the cheapest placement in three bins, straight from the definition in
 * models/placement/problem.h: what every pair of loads of the first two bins costs at least, item by item.
 * For PLACEMENT_DEVIATION without overload, groups and backgrounds, where no item is above the water level;
 * with 24 items as quick as trying all placements is with 14. INFINITY where there is none. */
double cheapest_by_loads(const struct placement_problem *problem);

#endif
