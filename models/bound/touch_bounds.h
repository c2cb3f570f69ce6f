/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_TOUCH_BOUNDS_H
#define EVENKEEL_MODELS_BOUND_TOUCH_BOUNDS_H

#include "models/bound/bounds.h"
#include "models/bound/pricing.h"

/* Evaluates a few dual vectors in closed form: each item's dual is a fraction of the least that
 * it costs elsewhere, and all of that where its home is dear. With one half, each bin that has to be touched pays half of its cheapest
 * touch. With 0 only the bins that gain pay, with 1 only those that lose. Stops as soon as no
 * window holds a plan below the objective. 0 or -ENOMEM. */
int touch_bounds(struct pricing *pricing, struct bounds *bounds, int64_t objective,
                 struct arena *arena);

/* The least cost for which item i is elsewhere than at home; of a floating item, for which it is
 * placed. */
int touch_bounds_cost(const struct instance *in, int i);

#endif
