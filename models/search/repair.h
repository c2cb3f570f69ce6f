/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_REPAIR_H
#define EVENKEEL_MODELS_SEARCH_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "models/search/search_state.h"

/* Makes exchanges from `now` until no deviation is above the band (in error units). It takes the
 * best gain per cost first. Then it sends as many items as possible back home. False where no
 * exchange helps any more. noise > 0 perturbs each choice by up to half that part. */
bool repair_into_band(struct search_state *search, int64_t band, double noise);

#endif
