/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_ROOM_BOUND_H
#define EVENKEEL_MODELS_BOUND_ROOM_BOUND_H

#include "models/bound/pricing.h"

/* A bin's step of the pricing by load and by the first hard resource (room_pool.h), on top of the one by
 * load alone. Both are bounds, so values [top + 1] are raised where this one is higher, and the bin's
 * pattern is replaced. Nothing is done where the pattern by load has room anyway: there both agree.
 * Returns the cells touched. */
int64_t room_bound_raise(struct pricing *pricing, int p, const int *duals, struct evaluation *ev,
                         int32_t *values);

#endif
