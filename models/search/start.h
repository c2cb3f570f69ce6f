/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_START_H
#define EVENKEEL_MODELS_SEARCH_START_H

#include "models/search/search_state.h"

/* A first incumbent where hard rules or the caller's start ask for more than everybody at home: the
 * start where it keeps the rules and is better, else where home breaks them one that annealing finds. It
 * becomes `home` there. Without one has_plan is false, and no plan has an F as large as best_objective.
 * 0 or -ENOMEM. */
int search_start(struct search_state *search);

#endif
