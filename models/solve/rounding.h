/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_ROUNDING_H
#define EVENKEEL_MODELS_SOLVE_ROUNDING_H

#include "models/bound/patterns.h"
#include "models/search/search_state.h"

/* A plan from the weights that a dual ascent left on its patterns: every vCPU goes where most of its
 * weight is, then local search repairs the loads into the band of the window and polishes. 0 or
 * -ENOMEM. */
int round_weights(const struct pattern_store *store, int window, struct search_state *search);

#endif
