/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_REPACK_H
#define EVENKEEL_MODELS_SEARCH_REPACK_H

#include "models/search/search_state.h"

/* Takes the worst bin and a few others and packs them again, exactly, within a band just below the
 * worst deviation, as often as that succeeds. Only items that cost the same in all of these bins
 * take part. 0 or -ENOMEM. */
int repack(struct search_state *search);

#endif
