/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_RESPLIT_H
#define EVENKEEL_MODELS_SEARCH_RESPLIT_H

#include <stdbool.h>

#include "models/search/search_state.h"

/* Takes what the worst bin and one other carry and shares it out again, in all ways at once, as
 * long as that makes the pair more even and does not raise the cost. same_cost: only items that
 * cost the same in both bins take part. */
void resplit(struct search_state *search, bool same_cost);

#endif
