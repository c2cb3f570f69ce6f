/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_BUNDLE_H
#define EVENKEEL_MODELS_BOUND_BUNDLE_H

#include "models/bound/patterns.h"

/* Proximal bundle, one bundle of cuts per bin (Kiwiel, "Proximity control in bundle methods for
 * convex nondifferentiable minimization", 1990; disaggregated as in Frangioni, "Generalized bundle
 * methods", 2002). The Lagrangian bound of a window is
 *
 *   L(pi) = sum of pi + sum over bins of the least cost(S) - pi(S) of a pattern S within the window
 *
 * so a pattern is a cut of its bin. With only the patterns known so far, L becomes a model M >= L.
 * The next duals maximise M - |pi - center|^2 / (2 prox). The dual of that question shares out one
 * unit of weight among each bin's patterns,
 *
 *   min  sum of weight * (cost(S) - center(S)) + prox / 2 |missing|^2,
 *
 * where missing_i is 1 less the weight of the patterns with item i; the next duals are
 * center + prox * missing, and the weights are a plan in fractions. */
enum { BUNDLE_CUTS = 48 };
static const double BUNDLE_NO_WEIGHT = 1e-9; /* less than this is no weight */

struct cut {
    int pattern; /* of the store; what follows is copied from there */
    int window, n_items;
    const int *items;
    double cost;
    double weight; /* 1 in all for each bin */
};

/* The cuts that share a bin's weight, while all bins are settled at once (bundle_settle.h): those
 * of bin p are first[p] .. first[p + 1] - 1. */
struct cut_share {
    int n, *first;
    struct cut **cut;
    double *slope, *step, *residual, *direction, *image; /* [n] of each cut */
    double *along;                                       /* of each item */
};

struct bundle {
    const struct pattern_store *store;
    int n, m;
    int window;      /* cuts of wider windows rest */
    int *cuts;       /* [m] how many */
    struct cut *cut; /* [m * BUNDLE_CUTS] */
    int *n_swept;    /* [m] how many of them a sweep looks at */
    int *swept;      /* [m * BUNDLE_CUTS] which */
    int64_t looks;   /* work done so far: duals read */
    double *center;  /* [n] */
    double *next;    /* [n] center + prox * missing */
    double value;    /* L at the center */
    double prox;
    bool can_settle; /* the share has room */
    struct cut_share share;
    double error, length; /* of the last step: M <= value + error + length |pi - center| */
};

/* 0 or -ENOMEM; memory of the arena. */
int bundle_new(const struct pattern_store *store, struct arena *arena, struct bundle *ret);
/* Takes the store's pattern k in, in place of the least useful of its bin when there is no
 * room. */
void bundle_add(struct bundle *bundle, int k);
/* Turns to another window. Every bin needs a cut in it before the next step. */
void bundle_aim(struct bundle *bundle, int window);
/* Forgets all cuts: L is another one from now on. */
void bundle_forget(struct bundle *bundle);
void bundle_move(struct bundle *bundle, const int *center, double value);
/* Fills in next and returns by how much M rises there above the center's value. */
double bundle_step(struct bundle *bundle);

static inline struct cut *bundle_cuts(const struct bundle *bundle, int p)
{
    return bundle->cut + (int64_t)p * BUNDLE_CUTS;
}

/* What the bin pays for the cut's pattern at these duals. */
static inline double bundle_slope(const struct cut *cut, const double *duals)
{
    double slope = cut->cost;

    for (int k = 0; k < cut->n_items; k++)
        slope -= duals[cut->items[k]];
    return slope;
}

#endif
