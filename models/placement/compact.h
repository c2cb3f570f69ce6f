/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_COMPACT_H
#define EVENKEEL_MODELS_PLACEMENT_COMPACT_H

#include "models/placement/problem.h"

/* The compact model (x_<v>_<p>, dev) as anyone would write it, incumbent and bound in comments, for
 * --emit-lp and for other solvers; its optimum is placement_solve()'s. PLACEMENT_VARIANCE comes as
 * steps of 0.1 point, which are exact for whole permille (compact.c). solution may be NULL. 0 or
 * -ENOMEM. */
int placement_compact_lp(const struct placement_problem *problem,
                         const struct placement_solution *solution, struct lp **ret);
/* How many columns it has, without building it. 0 or -ENOMEM. */
int placement_compact_columns(const struct placement_problem *problem,
                              const struct placement_solution *solution, size_t *ret);
/* Point of the compact model for a placement (x is [lp_columns]). Its cost is the placement's
 * objective, only that PLACEMENT_VARIANCE understates a placement worse than the solution the model
 * was made with. 0 or -ENOMEM. */
int placement_compact_point(const struct placement_problem *problem, const struct lp *lp,
                            const int *bin_of, double *x);

#endif
