/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_LEVEL_OUT_H
#define EVENKEEL_MODELS_SEARCH_LEVEL_OUT_H

#include <stdbool.h>

#include "models/search/search_state.h"

/* Descends on the sum of squared errors from `now` by exchanges that do not raise the cost.
 * same_cost: only by those in which each item costs the same where it goes. */
void level_out(struct search_state *search, bool same_cost);

#endif
