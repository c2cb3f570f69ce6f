/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_PROFILE_H
#define EVENKEEL_MODELS_BOUND_PROFILE_H

#include "models/bound/pricing.h"

/* One bin's step of the pricing: pricing->profile[x - low] becomes the least price of item load x in
 * the widest window that is evaluated, charge included. Values that no window can need are infinite.
 * Returns the cells touched. */
int64_t profile_fill(struct pricing *pricing, int p, const int *duals, struct pool pool);

/* The least of the profile over windows bottom .. top, into ret [top + 1]. */
void profile_run_windows(const struct pricing *pricing, int p, int32_t *ret);

/* The first item load of the least price of one window; -1: none in reach. */
int profile_best(const struct pricing *pricing, int p, int window);

/* What a bin is charged at item load x, when so much of its items' demand was cut; capped. */
int32_t profile_charge(const struct pricing *pricing, int p, int x, int excess);

#endif
