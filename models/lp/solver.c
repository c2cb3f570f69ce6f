/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/lp/solver.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "models/lp/solver_engine.h"
#include "models/lp/solver_input.h"

enum {
    PIVOTS_PER_CHUNK = 400 /* between two questions whether to stop: a few ms at 500 rows */
};

struct solver {
    struct engine *engine;
    int rows, columns;
    bool root_is_solved; /* the optimal basis of the LP fits the present program */
    double bound;
};

const char *solve_status_text(enum solve_status status)
{
    static const char *const text[] = {
        [SOLVE_OPTIMAL] = "optimal",           [SOLVE_FEASIBLE] = "feasible",
        [SOLVE_NO_INCUMBENT] = "no incumbent", [SOLVE_INFEASIBLE] = "infeasible",
        [SOLVE_UNBOUNDED] = "unbounded",       [SOLVE_FAILED] = "failed"};

    return text[status];
}

int solver_new(const struct lp *lp, struct solver **ret)
{
    return solver_new_above(lp, -INFINITY, ret);
}

int solver_new_above(const struct lp *lp, double least, struct solver **ret)
{
    bool has_least = least > -INFINITY;
    struct solver *solver = calloc(1, sizeof(*solver));
    struct triplets matrix = {0};
    int r = lp_error(lp);

    if (r == 0 && !solver)
        r = -ENOMEM;
    if (r == 0)
        r = triplets_of(lp, has_least, &matrix);
    if (r == 0)
        r = engine_new(lp, &matrix, least, &solver->engine);
    triplets_done(&matrix);
    if (r < 0) {
        solver_free(solver);
        return r;
    }
    solver->rows = lp_rows(lp) + has_least;
    solver->columns = lp_columns(lp);
    solver->bound = -INFINITY;
    *ret = solver;
    return 0;
}

void solver_free(struct solver *solver)
{
    if (!solver)
        return;
    engine_free(solver->engine);
    free(solver);
}

int solver_columns(const struct solver *solver)
{
    return solver->columns;
}

int solver_rows(const struct solver *solver)
{
    return solver->rows;
}

int solver_free_columns(const struct solver *solver)
{
    int n = 0;

    for (int j = 0; j < solver->columns; j++)
        n += !engine_is_fixed(solver->engine, j);
    return n;
}

/* ---- Changes ---- */

static bool has_column(const struct solver *solver, int column)
{
    return column >= 0 && column < solver->columns;
}

static bool has_row(const struct solver *solver, int row)
{
    return row >= 0 && row < solver->rows;
}

/* What a change comes to: the basis of the relaxation may no longer be optimal. */
static int changed(struct solver *solver, int r)
{
    solver->root_is_solved = solver->root_is_solved && r < 0;
    return r;
}

/* A column's entries as GLPK takes them. seen [rows] are zero. */
static int convert(const struct solver *solver, const struct lp_entry *entry,
                   struct triplets *triplets, bool *seen)
{
    for (size_t k = 0; k < triplets->n; k++) {
        if (!has_row(solver, entry[k].row) || seen[entry[k].row] || !isfinite(entry[k].coefficient))
            return -EINVAL;
        seen[entry[k].row] = true;
        triplets->rows[k + 1] = entry[k].row + 1;
        triplets->coefficients[k + 1] = entry[k].coefficient;
    }
    return 0;
}

int solver_add_column(struct solver *solver, const struct lp_column *column,
                      const struct lp_entry *entry, size_t n)
{
    struct triplets entries = {.n = n,
                               .rows = calloc(n + 1, sizeof(*entries.rows)),
                               .coefficients = calloc(n + 1, sizeof(*entries.coefficients))};
    bool *seen = calloc((size_t)solver->rows + 1, sizeof(*seen));
    int r = entries.rows && entries.coefficients && seen ? 0 : -ENOMEM;

    if (r == 0 && !solver_column_is_valid(column->kind, column->lower, column->upper, column->cost))
        r = -EINVAL;
    if (r == 0)
        r = convert(solver, entry, &entries, seen);
    if (r == 0)
        r = changed(solver, engine_add_column(solver->engine, column, &entries));
    solver->columns += r == 0;
    triplets_done(&entries);
    free(seen);
    return r;
}

int solver_set_column_bounds(struct solver *solver, int column, double lower, double upper)
{
    enum lp_kind kind = LP_CONTINUOUS;

    if (!has_column(solver, column))
        return -EINVAL;
    if (engine_is_whole(solver->engine, column))
        kind = LP_INTEGER;
    if (!solver_column_is_valid(kind, lower, upper, 0))
        return -EINVAL;
    return changed(solver, engine_set_bounds(solver->engine, solver->rows + column, lower, upper));
}

int solver_set_column_cost(struct solver *solver, int column, double cost)
{
    if (!has_column(solver, column) || !isfinite(cost))
        return -EINVAL;
    return changed(solver, engine_set_cost(solver->engine, column, cost));
}

int solver_set_row_bounds(struct solver *solver, int row, double lower, double upper)
{
    if (!has_row(solver, row) || !solver_bounds_are_valid(lower, upper))
        return -EINVAL;
    return changed(solver, engine_set_bounds(solver->engine, row, lower, upper));
}

int solver_set_column_basis(struct solver *solver, int column, enum solver_basis basis)
{
    int k = solver->rows + column;

    return has_column(solver, column) ? engine_set_basis(solver->engine, k, basis) : -EINVAL;
}

int solver_set_row_basis(struct solver *solver, int row, enum solver_basis basis)
{
    return has_row(solver, row) ? engine_set_basis(solver->engine, row, basis) : -EINVAL;
}

bool solver_is_basic(const struct solver *solver, int column)
{
    return has_column(solver, column) && engine_is_basic(solver->engine, column);
}

/* ---- Searches ---- */

/* What a search may still cost. */
struct search {
    struct solver *solver;
    struct work *work;
    int64_t max_nodes; /* of this search alone; 0: no limit of its own */
    int64_t pivots_before, nodes_before;
};

static struct search search_begin(struct solver *solver, struct work *work, int64_t max_nodes)
{
    return (struct search){.solver = solver,
                           .work = work,
                           .max_nodes = max_nodes,
                           .pivots_before = work->pivots - engine_pivots(solver->engine),
                           .nodes_before = work->nodes};
}

static bool is_over(int64_t count, int64_t limit)
{
    return limit > 0 && count > limit;
}

/* Brings the counts up to date; true when the search has to end. */
static bool must_end(void *arg, int nodes)
{
    const struct search *search = arg;
    struct work *work = search->work;

    work->pivots = search->pivots_before + engine_pivots(search->solver->engine);
    work->nodes = search->nodes_before + nodes;
    work->stopped = work->stopped || (work->stop && work->stop(work->stop_arg));
    return work->stopped || is_over(work->pivots + 1, work->max_pivots) ||
           is_over(work->nodes, work->max_nodes) || is_over(nodes, search->max_nodes);
}

static int chunk(const struct work *work)
{
    int64_t left = work->max_pivots > 0 ? work->max_pivots - work->pivots : INT64_MAX;

    return left < PIVOTS_PER_CHUNK ? (int)left : PIVOTS_PER_CHUNK;
}

int solver_simplex(struct solver *solver, struct work *work, enum solve_status *ret)
{
    struct search search = search_begin(solver, work, 0);
    enum solve_status status = SOLVE_NO_INCUMBENT;
    bool is_repaired = false;
    int r = engine_check(solver->engine);

    while (r == 0 && (status == SOLVE_NO_INCUMBENT || status == SOLVE_FEASIBLE) &&
           !must_end(&search, 0)) {
        r = engine_simplex(solver->engine, chunk(work), &status);
        /* A basis that was set may be singular or of the wrong size: start over, once. */
        if (r == 0 && status == SOLVE_FAILED && !is_repaired) {
            is_repaired = true;
            status = SOLVE_NO_INCUMBENT;
            r = engine_reset_basis(solver->engine);
        }
    }
    if (r < 0)
        return r;
    must_end(&search, 0);
    solver->root_is_solved = status == SOLVE_OPTIMAL;
    solver->bound = solver->root_is_solved ? engine_objective(solver->engine) : -INFINITY;
    *ret = status;
    return 0;
}

int solver_branch(struct solver *solver, const struct solver_branching *how, struct work *work,
                  enum solve_status *ret)
{
    struct search search = search_begin(solver, work, how->max_nodes);
    struct engine_tree tree = {.incumbent = how->incumbent,
                               .holds_incumbent = how->holds_incumbent,
                               .most_fractional = how->most_fractional,
                               .cutoff = how->has_cutoff ? how->cutoff : INFINITY,
                               .must_end = must_end,
                               .arg = &search};
    enum solve_status root = SOLVE_OPTIMAL;
    int r = 0;

    if (!solver->root_is_solved)
        r = solver_simplex(solver, work, &root);
    if (r < 0 || root != SOLVE_OPTIMAL) {
        /* A relaxation that ran out of work says nothing about whole numbers. */
        if (r == 0)
            *ret = root == SOLVE_FEASIBLE ? SOLVE_NO_INCUMBENT : root;
        return r;
    }
    return engine_branch(solver->engine, &tree, ret, &solver->bound);
}

double solver_objective(const struct solver *solver)
{
    return engine_objective(solver->engine);
}

double solver_bound(const struct solver *solver)
{
    return solver->bound;
}

double solver_value(const struct solver *solver, int column)
{
    return has_column(solver, column) ? engine_value(solver->engine, column) : NAN;
}

double solver_row_dual(const struct solver *solver, int row)
{
    return has_row(solver, row) ? engine_dual(solver->engine, row) : NAN;
}

double solver_reduced_cost(const struct solver *solver, int column)
{
    return has_column(solver, column) ? engine_dual(solver->engine, solver->rows + column) : NAN;
}
