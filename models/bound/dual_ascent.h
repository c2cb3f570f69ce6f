/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_DUAL_ASCENT_H
#define EVENKEEL_MODELS_BOUND_DUAL_ASCENT_H

#include <stdbool.h>

#include "models/bound/bounds.h"
#include "models/bound/bundle.h"
#include "models/bound/patterns.h"
#include "models/bound/pricing.h"

/* Climbs the Lagrangian bound by a proximal bundle, one window at a time, always the weakest. The
 * bundle's weights approach the master LP's solution; they are left as the patterns' weights. */
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
    int nulls, idle; /* evaluations without a step, and since one was worth mark */
    double mark;
};

/* 0 or -ENOMEM; memory of the arena. */
int dual_ascent_new(struct pricing *pricing, struct bounds *bounds, struct pattern_store *patterns,
                    struct arena *arena, struct dual_ascent *ret);
/* Raises the windows whose bounds are within the ceiling until they are above it, hold no plan below
 * the objective or rise no further, or this many evaluations are spent. 1 when some may still rise,
 * 0 when not, or -ENOMEM. */
int dual_ascent_run(struct dual_ascent *ascent, int64_t objective, int64_t ceiling,
                    int evaluations);
/* Weighs the patterns for this window, in which a climb has been. 0 or -ENOMEM. */
int dual_ascent_weigh(struct dual_ascent *ascent, int window);

#endif
