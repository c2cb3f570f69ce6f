/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_LP_SOLVER_INPUT_H
#define EVENKEEL_MODELS_LP_SOLVER_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "models/lp/lp.h"

/* What may be handed to GLPK: whatever these refuse would make it abort the process or answer
 * nonsense. */

/* No NaN, not crossed, and neither bound at the wrong infinity. */
bool solver_bounds_are_valid(double lower, double upper);
/* Bounds as above, whole for integers and within 0..1 for binaries; a finite cost. */
bool solver_column_is_valid(enum lp_kind kind, double lower, double upper, double cost);

/* Matrix entries as GLPK takes them: 1 .. n, rows and columns count from 1. */
struct triplets {
    size_t n;
    int *rows, *columns;
    double *coefficients;
};
/* Those of *lp, and the objective as one more row where wanted. 0, -ENOMEM, or -EINVAL when
 * anything in *lp is invalid or an entry comes twice. */
int triplets_of(const struct lp *lp, bool with_objective, struct triplets *ret);
void triplets_done(struct triplets *triplets);

#endif
