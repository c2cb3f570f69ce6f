/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_POLISH_H
#define EVENKEEL_MODELS_SEARCH_POLISH_H

#include "models/search/search_state.h"

/* Steepest descent on F from `now`, by exchanges. Ties go to the smaller sum of squares. */
void polish(struct search_state *search);

#endif
