/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_SHED_BOUND_H
#define EVENKEEL_MODELS_BOUND_SHED_BOUND_H

#include "models/bound/bounds.h"

/* What a window costs at least, without tables: each bin has to shed what exceeds the window's upper
 * limit, and that costs no less than if items could leave in parts, the most weight for the cost
 * first (Dantzig's bound of a knapsack, 1957). Items that float cost their cheapest place. Raises the
 * bounds. For problems whose tables would be too large (pricing.h). 0 or -ENOMEM. */
int shed_bound(struct bounds *bounds);

#endif
