/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_ANNEAL_H
#define EVENKEEL_MODELS_SEARCH_ANNEAL_H

#include "models/search/search_state.h"

/* Simulated annealing from `now` (Kirkpatrick, Gelatt, Vecchi, "Optimization by simulated annealing", 1983)
 * over the costs of bins, what bins deviate beyond a band, and what hard rules are broken by: so it goes
 * through placements that no plan may be, which exchanges one by one cannot, and those become dearer and
 * dearer. Many steps for each item, or few.
 * 1: `now` is the best placement met that keeps all rules, 0: none was met, or -ENOMEM. */
int anneal(struct search_state *search, int64_t band, int steps_per_item);

#endif
