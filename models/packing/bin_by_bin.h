/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_BIN_BY_BIN_H
#define EVENKEEL_MODELS_PACKING_BIN_BY_BIN_H

#include "models/packing/kinds.h"

/* Fills all bins anew, one after the other, each with the most valuable set of those that are left: by
 * an exact knapsack over two resources. Who stays out is worth more in the next pass. Ends when no more
 * than `enough` stay out, or after so many thousand cells. bin_of [n] is a plan
 * that keeps all rules, and becomes the best pass that is better. 0 or -ENOMEM. */
int bin_by_bin(struct filling *filling, const struct kinds *kinds, size_t enough,
               int64_t max_kcells, struct work *work, int *bin_of);

/* The two resources of which most is needed; the same twice where there is one. */
void scarcest_rooms(const struct filling *filling, size_t *ret_a, size_t *ret_b);

#endif
