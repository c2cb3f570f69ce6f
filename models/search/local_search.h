/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_LOCAL_SEARCH_H
#define EVENKEEL_MODELS_SEARCH_LOCAL_SEARCH_H

#include "models/search/search_state.h"

/* The strategy of the search (README.md, "Local search"): which step changes the state when. Each
 * step has a file of its own. All return 0 or -ENOMEM. */

/* Makes a plan at once: one descent through narrower and narrower bands or, where much has to
 * move, one evacuation. */
int local_search_first(struct search_state *search);
/* Spends more on a better plan: bands of every width, restarts with noise, shaking. */
int local_search_more(struct search_state *search);
/* Where bins were evacuated: tries other sets that may stay, and packs each several times. */
int local_search_pack(struct search_state *search);
/* Polishes a plan [n] that another step has found, and keeps it where it is better. */
void local_search_adopt(struct search_state *search, const int *bin);

#endif
