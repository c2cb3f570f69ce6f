/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_EVACUATE_H
#define EVENKEEL_MODELS_SEARCH_EVACUATE_H

#include "models/search/search_state.h"

/* Empties overloaded bins. Each keeps the set of items that is dearest to move and still fits (a
 * knapsack). The others go, heaviest first, to the bin with the most room. rank 0 keeps the best
 * set, 1 the set of the second best weight, and so on. How many items went, or -ENOMEM. */
int evacuate(struct search_state *search, int rank);

#endif
