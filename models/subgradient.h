/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SUBGRADIENT_H
#define EVENKEEL_MODELS_SUBGRADIENT_H

#include "models/bounds.h"
#include "models/patterns.h"
#include "models/pricing.h"

/* Climbs the Lagrangian bound. Both stop as soon as the bound meets the objective or the work is
 * used up; whatever they prove stands in bounds. 0 or -ENOMEM. */
struct ascent {
    struct pricing *pricing;
    struct bounds *bounds;
    struct pattern_store *patterns; /* every pattern met on the way, or NULL */
    int64_t objective;              /* F of the incumbent */
};

/* "Touch" bounds: prices in proportion to what leaving costs. Half of it says: each bin that has to
 * be touched pays half of its cheapest touch. */
int touch_bounds(const struct ascent *ascent, struct arena *arena);
/* From the best interior vector, at most this many evaluations. */
int subgradient(const struct ascent *ascent, int evaluations, struct arena *arena);

#endif
