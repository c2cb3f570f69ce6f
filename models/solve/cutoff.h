/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_CUTOFF_H
#define EVENKEEL_MODELS_SOLVE_CUTOFF_H

#include "models/bound/bounds.h"
#include "models/bound/pricing.h"
#include "models/search/search_state.h"

/* Is there a plan with F <= objective? All patterns that it could use are enumerated, window by
 * window, and GLPK finds that plan or refutes it; where they are too many, a sample may still hold
 * one (README.md, "Enumeration"). */
struct closing_how {
    struct pricing *pricing;
    struct bounds *bounds;
    struct search_state *search;
    const struct pattern_store *patterns; /* take part in samples */
    int64_t objective;
    bool samples; /* whether to take them */
    int effort;   /* each doubles patterns and nodes, and is another sample */
};

/* 1: the bounds are above the objective now, or the incumbent is not; 0: not decided; -ENOMEM or
 * -EPROTO. */
int close_below(const struct closing_how *how);

#endif
