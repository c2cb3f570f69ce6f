/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_PAIRS_H
#define EVENKEEL_MODELS_SOLVE_PAIRS_H

#include "models/search/search_state.h"

/* Shares out anew what two bins carry, pair after pair, until no pair is better off: as cheaply as
 * both can be within the band (in error units), and as evenly where that costs the same. A pair
 * outside of the band comes into it where its items allow that. A pair is a knapsack, so exchanges
 * of any number of items are found at once; that pays where bins hold many (instance_is_fine_grained).
 * settled [n] or NULL: a plan in which no pair is better off in this band; pairs of bins with the same items
 * as there are not looked at again.
 * Does nothing where a bin is charged for more than its load: overload, groups, a square
 * objective. 0 or -ENOMEM. */
int pairs_share_out(struct search_state *search, int64_t band, const int *settled);

#endif
