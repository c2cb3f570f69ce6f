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
static const double FEASIBLE_WITHIN = 1e-6;

struct solver {
    struct lp *program; /* what the engine holds, in plain data */
    struct engine *engine;
    struct triplets scratch; /* one column */
    bool root_is_solved;     /* the optimal basis of the LP fits the present program */
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
    struct solver *solver = calloc(1, sizeof(*solver));
    struct triplets matrix = {0};
    int r = lp_error(lp);

    if (r == 0 && solver)
        solver->program = lp_copy(lp);
    if (r < 0 || !solver || !solver->program) {
        solver_free(solver);
        return r < 0 ? r : -ENOMEM;
    }
    r = triplets_reserve(&solver->scratch, (size_t)lp_rows(lp));
    if (r == 0)
        r = triplets_of(lp, &matrix);
    if (r == 0)
        r = engine_new(lp, &matrix, &solver->engine);
    triplets_done(&matrix);
    if (r < 0) {
        solver_free(solver);
        return r;
    }
    solver->bound = -INFINITY;
    *ret = solver;
    return 0;
}

void solver_free(struct solver *solver)
{
    if (!solver)
        return;
    engine_free(solver->engine);
    triplets_done(&solver->scratch);
    lp_free(solver->program);
    free(solver);
}

int solver_columns(const struct solver *solver)
{
    return lp_columns(solver->program);
}

int solver_rows(const struct solver *solver)
{
    return lp_rows(solver->program);
}

int solver_free_columns(const struct solver *solver)
{
    int n = 0;

    for (int j = 0; j < lp_columns(solver->program); j++) {
        const struct lp_column *column = lp_column(solver->program, j);

        n += column->lower < column->upper;
    }
    return n;
}

/* ---- Changes ---- */

static bool has_column(const struct solver *solver, int column)
{
    return column >= 0 && column < lp_columns(solver->program);
}

static bool has_row(const struct solver *solver, int row)
{
    return row >= 0 && row < lp_rows(solver->program);
}

int solver_add_column(struct solver *solver, enum lp_kind kind, double lower, double upper,
                      double cost, size_t n, const int rows[], const double coefficients[])
{
    struct lp_column new = {.kind = kind, .lower = lower, .upper = upper, .cost = cost};
    size_t n_rows = (size_t)lp_rows(solver->program);
    int r, column;

    if (!solver_column_is_valid(kind, lower, upper, cost) ||
        triplets_take_column(&solver->scratch, n_rows, n, rows, coefficients) < 0)
        return -EINVAL;
    r = engine_add_column(solver->engine, &new, &solver->scratch);
    if (r < 0)
        return r;
    solver->root_is_solved = false;
    column = lp_add_column(solver->program, NULL, kind, lower, upper, cost);
    for (size_t k = 0; k < n; k++)
        lp_add_entry(solver->program, rows[k], column, coefficients[k]);
    r = lp_error(solver->program);
    return r < 0 ? r : column;
}

/* The entries of one new row, each column at most once. 0, -EINVAL or -ENOMEM. */
static int take_row(const struct solver *solver, size_t n, const int columns[],
                    const double coefficients[], struct triplets *ret)
{
    int r = triplets_reserve(ret, (size_t)lp_columns(solver->program));

    /* Rows and columns change places: what is checked is the same. */
    if (r == 0)
        r = triplets_take_column(ret, (size_t)lp_columns(solver->program), n, columns,
                                 coefficients);
    for (size_t k = 0; k < n && r == 0; k++)
        ret->columns[k + 1] = columns[k] + 1;
    return r;
}

int solver_add_row(struct solver *solver, double lower, double upper, size_t n, const int columns[],
                   const double coefficients[])
{
    struct lp_row new = {.lower = lower, .upper = upper};
    struct triplets entries = {0}, scratch = {0};
    int r, row;

    r = solver_bounds_are_valid(lower, upper) ? take_row(solver, n, columns, coefficients, &entries)
                                              : -EINVAL;
    if (r == 0)
        r = triplets_reserve(&scratch, (size_t)lp_rows(solver->program) + 1);
    if (r == 0)
        r = engine_add_row(solver->engine, &new, &entries);
    triplets_done(&entries);
    if (r < 0) {
        triplets_done(&scratch);
        return r;
    }
    triplets_done(&solver->scratch);
    solver->scratch = scratch;
    solver->root_is_solved = false;
    r = row = lp_add_row(solver->program, NULL, lower, upper);
    for (size_t k = 0; k < n && r >= 0; k++)
        r = lp_add_entry(solver->program, row, columns[k], coefficients[k]);
    return r < 0 ? r : row;
}

static int replace_column(struct solver *solver, int column, const struct lp_column *new)
{
    int r = solver_column_is_valid(new->kind, new->lower, new->upper, new->cost)
                ? engine_set_column(solver->engine, column, new)
                : -EINVAL;

    if (r < 0)
        return r;
    lp_set_column(solver->program, column, new->kind, new->lower, new->upper, new->cost);
    solver->root_is_solved = false;
    return 0;
}

int solver_set_column_bounds(struct solver *solver, int column, double lower, double upper)
{
    struct lp_column new;

    if (!has_column(solver, column))
        return -EINVAL;
    new = *lp_column(solver->program, column);
    new.lower = lower;
    new.upper = upper;
    return replace_column(solver, column, &new);
}

int solver_set_column_cost(struct solver *solver, int column, double cost)
{
    struct lp_column new;

    if (!has_column(solver, column))
        return -EINVAL;
    new = *lp_column(solver->program, column);
    new.cost = cost;
    return replace_column(solver, column, &new);
}

int solver_set_row_bounds(struct solver *solver, int row, double lower, double upper)
{
    struct lp_row new = {.lower = lower, .upper = upper};
    int r = has_row(solver, row) && solver_bounds_are_valid(lower, upper)
                ? engine_set_row(solver->engine, row, &new)
                : -EINVAL;

    if (r < 0)
        return r;
    lp_set_row(solver->program, row, lower, upper);
    solver->root_is_solved = false;
    return 0;
}

int solver_set_column_basis(struct solver *solver, int column, enum solver_basis basis)
{
    int rows = lp_rows(solver->program);

    return has_column(solver, column) ? engine_set_basis(solver->engine, rows + column, basis)
                                      : -EINVAL;
}

int solver_set_row_basis(struct solver *solver, int row, enum solver_basis basis)
{
    return has_row(solver, row) ? engine_set_basis(solver->engine, row, basis) : -EINVAL;
}

enum solver_basis solver_column_basis(const struct solver *solver, int column)
{
    return has_column(solver, column) ? engine_column_basis(solver->engine, column) : SOLVER_FIXED;
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

    /* GLPK takes any point: an infeasible one would come back as the optimum. */
    if (how->incumbent && lp_violation(solver->program, how->incumbent) > FEASIBLE_WITHIN)
        return -EINVAL;
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
    return has_row(solver, row) ? engine_row_dual(solver->engine, row) : NAN;
}

double solver_reduced_cost(const struct solver *solver, int column)
{
    return has_column(solver, column) ? engine_reduced_cost(solver->engine, column) : NAN;
}
