/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_DUAL_ASCENT_H
#define EVENKEEL_MODELS_DUAL_ASCENT_H

#include <stdbool.h>

#include "models/bounds.h"
#include "models/bundle.h"
#include "models/patterns.h"
#include "models/pricing.h"

/* Climbs the Lagrangian bound by a proximal bundle, one window at a time, always the weakest. The
 * cuts' weights, given to the patterns behind them, approach the master LP's solution; they are left
 * as the patterns' weights. */
struct dual_ascent {
    struct pricing *pricing;
    struct bounds *bounds;
    struct pattern_store *patterns; /* takes every pattern met on the way */
    int64_t objective;              /* F of the incumbent: windows at or above it are closed */
    bool *stuck;                    /* [windows->n] windows that rise no further */
    int target;
    struct bundle bundle;
    int *cut_patterns; /* [cuts * m] in the store, -1: no column */
    int *cut_window;   /* [cuts] widest of its patterns */
    struct evaluation ev;
    int64_t *center_bound;  /* [windows->n] what the bundle's center proves */
    double *next;           /* [n] */
    int *prices, *gradient; /* [n] */
    double promise;
    int nulls;
};

/* 0 or -ENOMEM; memory of the arena. */
int dual_ascent_new(struct pricing *pricing, struct bounds *bounds, struct pattern_store *patterns,
                    struct arena *arena, struct dual_ascent *ret);
/* Until no window holds a plan below the objective, the weakest window is stuck, or this many
 * evaluations are spent. 0 or -ENOMEM. */
int dual_ascent_run(struct dual_ascent *ascent, int64_t objective, int evaluations);

#endif
