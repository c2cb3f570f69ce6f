/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_LP_SOLVER_H
#define EVENKEEL_MODELS_LP_SOLVER_H

#include <stddef.h>

#include "models/base/work.h"
#include "models/lp/lp.h"

/* One program inside GLPK, kept warm between solves. Everything handed over is validated first
 * (indices, duplicates, NaN, crossed bounds, fractional bounds of integers: -EINVAL), and what would
 * still make GLPK abort the process is contained: the call returns -EPROTO, and so does from then on
 * every call on every solver of this thread, because they all lived in the environment that had to
 * be given up. Free them and make new ones. Not shared between threads; work->stop() must not call
 * back into a solver (-EINVAL). solver_glpk.c is the only file that includes glpk.h. */
struct solver;

/* What the last solve concluded. A conclusion is not an error. */
enum solve_status {
    SOLVE_OPTIMAL,
    SOLVE_FEASIBLE,     /* a work limit stopped the search; there is an incumbent */
    SOLVE_NO_INCUMBENT, /* a work limit stopped the search before any incumbent */
    SOLVE_INFEASIBLE,
    SOLVE_UNBOUNDED,
    SOLVE_FAILED, /* numerical trouble: nothing may be concluded */
};
const char *solve_status_text(enum solve_status status);

enum solver_basis { SOLVER_BASIC, SOLVER_AT_LOWER, SOLVER_AT_UPPER, SOLVER_FIXED };

/* Loads a copy of *lp, or says why that has failed. 0, -ENOMEM, -EINVAL or -EPROTO, here and
 * below. */
int solver_new(const struct lp *lp, struct solver **ret);
/* The same with one more row, the last: the objective is at least this. */
int solver_new_above(const struct lp *lp, double least, struct solver **ret);
void solver_free(struct solver *solver);

int solver_columns(const struct solver *solver);
int solver_rows(const struct solver *solver);
/* Columns whose bounds leave them a choice. */
int solver_free_columns(const struct solver *solver);

/* One column more, the last, out of the basis at its lower bound. Of the n entries row (each at most
 * once) and coefficient are read. */
int solver_add_column(struct solver *solver, const struct lp_column *column,
                      const struct lp_entry *entry, size_t n);
int solver_set_column_bounds(struct solver *solver, int column, double lower, double upper);
int solver_set_column_cost(struct solver *solver, int column, double cost);
int solver_set_row_bounds(struct solver *solver, int row, double lower, double upper);
int solver_set_column_basis(struct solver *solver, int column, enum solver_basis basis);
int solver_set_row_basis(struct solver *solver, int row, enum solver_basis basis);
bool solver_is_basic(const struct solver *solver, int column);

/* The LP (relaxation) by primal simplex from the present basis. Pivots are added to work->pivots
 * and limited by work->max_pivots; work->stop is asked between chunks of pivots. */
int solver_simplex(struct solver *solver, struct work *work, enum solve_status *ret);

struct solver_branching {
    /* [columns], or NULL. It has to be feasible (lp_violation()): GLPK takes any point, and an
     * infeasible one would come back as the optimum. */
    const double *incumbent;
    /* GLPK has it before the first node, not from the first node with fractions on: no limit ends
     * the tree without it, and it is the answer where nothing better is found. */
    bool holds_incumbent;
    int64_t max_nodes;    /* for this call; 0 = only what work allows */
    bool most_fractional; /* branch on the most fractional column, not by Driebeck and Tomlin */
    /* Ends the tree as soon as no node below the cutoff is left; solver_bound() says so. */
    bool has_cutoff;
    double cutoff;
};
/* Branch and bound from the optimal basis of a preceding solver_simplex() (called if there is
 * none). */
int solver_branch(struct solver *solver, const struct solver_branching *how, struct work *work,
                  enum solve_status *ret);

/* After solver_simplex(): objective, point, duals and reduced costs of the LP.
 * After solver_branch(): objective and point of the incumbent; bound is what the tree proved. */
double solver_objective(const struct solver *solver);
double solver_bound(const struct solver *solver);
double solver_value(const struct solver *solver, int column);
double solver_row_dual(const struct solver *solver, int row);
double solver_reduced_cost(const struct solver *solver, int column);

#endif
