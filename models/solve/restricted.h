/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_RESTRICTED_H
#define EVENKEEL_MODELS_SOLVE_RESTRICTED_H

#include "models/bound/bounds.h"
#include "models/bound/patterns.h"
#include "models/search/search_state.h"

/* A whole-number master over a choice of patterns: a good plan, not a proof. The incumbent's
 * patterns and the heaviest of the store take part; what GLPK finds is polished and becomes the
 * incumbent where it is better. */
struct restricted {
    struct bounds *bounds;
    struct pattern_store *patterns;
    struct search_state *search;
    int from, to; /* windows */
    int max_patterns;
    int64_t max_nodes;
};

/* 0, -ENOMEM or -EPROTO. */
int restricted_master(const struct restricted *restricted);

#endif
