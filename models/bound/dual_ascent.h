/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_DUAL_ASCENT_H
#define EVENKEEL_MODELS_BOUND_DUAL_ASCENT_H

#include <stdbool.h>

#include "models/bound/bounds.h"
#include "models/bound/bundle.h"
#include "models/bound/patterns.h"
#include "models/bound/pricing.h"

/* Climbs the Lagrangian bound with a proximal bundle (bundle.h), one window at a time, always the
 * weakest. What the bundle shares out among a bin's patterns (its weights) is left with the
 * patterns themselves. These weights are a plan in fractions; rounding and the restricted model
 * make whole plans of them. */
struct dual_ascent {
    struct pricing *pricing;
    struct bounds *bounds;
    struct pattern_store *patterns; /* takes every pattern met on the way */
    int64_t objective;              /* F of the incumbent: windows at or above it are closed */
    int64_t ceiling;                /* windows above it need not rise now */
    bool *stuck;                    /* [windows->n] windows that rise no further */
    int window;
    struct bundle bundle;
    struct evaluation ev;
    int *duals;     /* [n] */
    bool is_center; /* duals are the center to be */
    double promise, first_prox;
    int nulls; /* evaluations since the last step */
    /* [windows->n] evaluations there since the value last rose above the mark, however often the
     * climb was elsewhere in between. */
    int *idle;
    double *mark;
};

/* 0 or -ENOMEM; the memory is the arena's. pricing, bounds and patterns must outlive it. */
int dual_ascent_new(struct pricing *pricing, struct bounds *bounds, struct pattern_store *patterns,
                    struct arena *arena, struct dual_ascent *ret);
/* Raises the bounds of the windows that lie within the ceiling. A window is done when its bound is
 * above the ceiling, when it holds no plan below the objective, or when it rises no further.
 * Spends at most this many evaluations. 1: some may still rise, 0: none does, or -ENOMEM. */
int dual_ascent_run(struct dual_ascent *ascent, int64_t objective, int64_t ceiling,
                    int evaluations);
/* The pricing bounds from now on by other, higher values: every window may rise again. */
void dual_ascent_renew(struct dual_ascent *ascent);
/* Sets the patterns' weights for this window, in which a climb has been. 0 or -ENOMEM. */
int dual_ascent_weigh(struct dual_ascent *ascent, int window);

#endif
