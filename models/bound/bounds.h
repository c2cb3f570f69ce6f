/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_BOUNDS_H
#define EVENKEEL_MODELS_BOUND_BOUNDS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/bound/windows.h"

/* What has been proven about each window, and the price vectors that prove it. Bounds only grow,
 * and a narrower window is at least as dear as a wider one. */
enum { BOUNDS_VECTORS = 128 };

struct bounds {
    const struct windows *windows;
    int top;                          /* windows above it hold no better plan */
    int64_t *least_cost;              /* [windows->n] in 1 / price_scale */
    int *proven_by;                   /* [windows->n] the vector behind it, or -1 */
    int *duals[BOUNDS_VECTORS];       /* [n], or NULL */
    int64_t *profile[BOUNDS_VECTORS]; /* [windows->n] what the vector proves in each window */
    bool climbing;                    /* set while vectors come from a climb, not a formula */
    bool climbed[BOUNDS_VECTORS];
    struct arena *arena;
};

/* 0 or -ENOMEM, here and below; memory of the arena. */
int bounds_new(const struct windows *windows, struct arena *arena, struct bounds *ret);

/* Takes in the evaluation [top + 1] of one price vector. The vector is kept where it is the best
 * for a window that may still hold a plan below the objective. */
int bounds_learn(struct bounds *bounds, const int *duals, const int64_t *profile,
                 int64_t objective);
/* No plan of window t costs less than this many 1 / price_scale. */
void bounds_raise(struct bounds *bounds, int t, int64_t cost);
/* Lower bound on F in window t; the weakest window; the bound of all. */
int64_t bounds_objective(const struct bounds *bounds, int t);
int bounds_weakest(const struct bounds *bounds);
int64_t bounds_least(const struct bounds *bounds);
/* The vector of a climb that proves most in window t, or -1. */
int bounds_climbed(const struct bounds *bounds, int t);
/* Drops the widest windows that hold nothing below the objective; returns the new top. */
int bounds_trim(struct bounds *bounds, int64_t objective);

#endif
