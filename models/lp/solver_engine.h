/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_LP_SOLVER_ENGINE_H
#define EVENKEEL_MODELS_LP_SOLVER_ENGINE_H

#include "models/lp/solver.h"
#include "models/lp/solver_input.h"

/* GLPK in plain data: what solver.c, which validates and keeps the limits, needs of it. Indices
 * count from 0 and are valid, values too. Calls that return int give 0, -EPROTO once GLPK has
 * aborted in this thread since the engine was made, or -EINVAL from inside a must_end(). */
struct engine;

/* A copy of *lp, whose matrix is *matrix; with a finite `least` the matrix has one more row,
 * which is at least that. Also -ENOMEM. */
int engine_new(const struct lp *lp, const struct triplets *matrix, double least,
               struct engine **ret);
void engine_free(struct engine *engine);
int engine_check(const struct engine *engine);

/* One column more, the last, with the rows and coefficients of these entries. Also -ENOMEM. */
int engine_add_column(struct engine *engine, const struct lp_column *column,
                      const struct triplets *entries);
int engine_set_cost(struct engine *engine, int j, double cost);

/* Here and below k is a row or a column: rows first, as in GLPK. */
int engine_set_bounds(struct engine *engine, int k, double lower, double upper);
int engine_set_basis(struct engine *engine, int k, enum solver_basis basis);
bool engine_is_basic(const struct engine *engine, int j); /* a column */
/* All rows basic, all columns at a bound. */
int engine_reset_basis(struct engine *engine);

/* Of a column: integer or binary; both bounds are the same. False of a dead engine. */
bool engine_is_whole(const struct engine *engine, int j);
bool engine_is_fixed(const struct engine *engine, int j);

/* Simplex iterations since engine_new(). */
int64_t engine_pivots(const struct engine *engine);
/* At most max_pivots >= 1 of them from the present basis; FEASIBLE and NO_INCUMBENT mean that they
 * were not enough. */
int engine_simplex(struct engine *engine, int max_pivots, enum solve_status *ret);

/* Branch and bound from an optimal basis. must_end() is asked at each node with the number of nodes
 * so far. incumbent is [columns] and feasible, or NULL. *ret_bound: what the tree proved. */
struct engine_tree {
    const double *incumbent;
    bool holds_incumbent; /* from before the first node and the first must_end() */
    bool most_fractional;
    double cutoff; /* ends once every open node is above it; INFINITY: never */
    bool (*must_end)(void *arg, int nodes);
    void *arg;
};
int engine_branch(struct engine *engine, const struct engine_tree *tree, enum solve_status *ret,
                  double *ret_bound);

/* Of the last simplex or branching; NAN from a dead engine. */
double engine_objective(const struct engine *engine);
double engine_value(const struct engine *engine, int j);
double engine_dual(const struct engine *engine, int k); /* of a row, or a reduced cost */

#endif
