/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_BOUNDS_H
#define EVENKEEL_MODELS_BOUND_BOUNDS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/bound/windows.h"

/* What has been proven about each window, and the dual vectors that prove it. A bound is never
 * lowered. A narrower window lies inside a wider one, so its bound is at least as high. */
enum { BOUNDS_VECTORS = 128 };

struct bounds {
    const struct windows *windows;
    int bottom, top;                  /* windows outside hold no better plan */
    int64_t *least_cost;              /* [windows->n] in 1 / price_scale */
    int *proven_by;                   /* [windows->n] the vector behind it, or -1 */
    int *duals[BOUNDS_VECTORS];       /* [n], or NULL */
    int64_t *profile[BOUNDS_VECTORS]; /* [windows->n] what the vector proves in each window */
    bool climbing;                    /* set while vectors come from a climb, not a formula */
    bool climbed[BOUNDS_VECTORS];
    struct arena *arena;
};

/* Starts without any proof: every bound is 0, or less where even a vector that proves no more is worth
 * keeping: where homes are dear, or hard rules forbid what costs nothing, plans that do have to be enumerated. 0 or -ENOMEM; the memory is the arena's, here and
 * below. */
int bounds_new(const struct windows *windows, struct arena *arena, struct bounds *ret);

/* Takes in what one dual vector proves: profile [top + 1], in 1 / price_scale. It copies the
 * vector when that raises the bound of a window that may still hold a plan below the objective. 0
 * or -ENOMEM. */
int bounds_learn(struct bounds *bounds, const int *duals, const int64_t *profile,
                 int64_t objective);
/* Raises the bounds of windows 0 .. t to this cost (in 1 / price_scale), proven without a
 * vector. */
void bounds_raise(struct bounds *bounds, int t, int64_t cost);
/* Lower bound on F of all plans in window t. */
int64_t bounds_objective(const struct bounds *bounds, int t);
/* The window with the smallest such bound. */
int bounds_weakest(const struct bounds *bounds);
/* Its bound: no plan at all has a smaller F. */
int64_t bounds_least(const struct bounds *bounds);
/* The vector of a climb that proves most in window t, or -1. */
int bounds_climbed(const struct bounds *bounds, int t);
/* Drops the narrowest and the widest windows as long as they hold nothing below the objective. One
 * is left. */
void bounds_trim(struct bounds *bounds, int64_t objective);

#endif
