/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_BEST_FIT_H
#define EVENKEEL_MODELS_PACKING_BEST_FIT_H

#include "models/packing/filling.h"

/* Puts these items into what is left of the bins, largest first, each into the bin that it suits best;
 * in many slightly different orders, until no more than `enough` stay out. The best order's result is
 * in the filling afterwards. scratch [2 * n] is overwritten. Returns how many stay out. */
struct best_fit_order {
    double key;
    int item, bin;
};
size_t best_fit(struct filling *filling, const int *items, size_t n, size_t enough, int orders,
                struct best_fit_order *scratch, struct work *work);

/* The next number of a generator in *state, evenly in 0 .. 1: every search has its own. */
enum { PACKING_SEED = 88172645 };
double packing_random(uint64_t *state);

#endif
