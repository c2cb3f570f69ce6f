/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_TOUCH_BOUNDS_H
#define EVENKEEL_MODELS_BOUND_TOUCH_BOUNDS_H

#include "models/bound/bounds.h"
#include "models/bound/pricing.h"

/* Closed-form price vectors: a fraction of what leaving costs at least. Half of it says that each
 * bin which has to be touched pays half of its cheapest touch; nothing and all of it see only the
 * bins that gain or only those that lose. Stops as soon as no window holds a plan below the
 * objective. 0 or -ENOMEM. */
int touch_bounds(struct pricing *pricing, struct bounds *bounds, int64_t objective,
                 struct arena *arena);

/* The price at which item i leaves its home most cheaply; floating: is placed most cheaply. */
int touch_bounds_cost(const struct instance *in, int i);

#endif
