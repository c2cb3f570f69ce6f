/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BUNDLE_H
#define EVENKEEL_MODELS_BUNDLE_H

#include <stdint.h>

#include "models/arena.h"

/* Proximal bundle (Kiwiel, "Proximity control in bundle methods for convex nondifferentiable
 * minimization", 1990) for a concave function: it is below every cut, value + gradient (x - point),
 * and the next point maximises the least of the cuts minus |x - center|^2 / (2 prox). Gradients are
 * small whole numbers here: how often each vCPU is missing. */
enum { BUNDLE_MOST_GRADIENT = 511 };

struct bundle {
    int n; /* dimension */
    int cuts, most_cuts;
    int16_t *gradient; /* [most_cuts * n] */
    double *constant;  /* [most_cuts] the cut's value at 0 */
    double *error;     /* how far the cut is above the function at the center */
    double *weight;    /* the cut's part in the next step; they sum up to 1 */
    double *slope;     /* scratch */
    double *product;   /* [most_cuts * most_cuts] of the gradients */
    double *center;    /* [n] */
    double value;      /* of the function at the center */
    double prox;
    double promised_error, length; /* of the last step: weighted errors, |weighted gradients| */
};

/* 0 or -ENOMEM; memory of the arena. */
int bundle_new(int n, struct arena *arena, struct bundle *ret);
/* Takes a cut in, in place of the least useful one when full. Its slot. */
int bundle_add(struct bundle *bundle, const int *gradient, const int *point, double value);
/* The last cut takes the slot of the one that goes. */
void bundle_drop(struct bundle *bundle, int slot);
/* The center: another point, or the same one with another value. */
void bundle_recenter(struct bundle *bundle, double value);
void bundle_move(struct bundle *bundle, const int *center, double value);
/* Fills in next [n] and returns by how much the cuts promise to rise there. There is a cut. */
double bundle_step(struct bundle *bundle, double *next);

#endif
