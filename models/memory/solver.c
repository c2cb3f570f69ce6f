/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/memory/solver.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/units.h"
#include "models/memory/fill.h"

/* GLPK gets MiB: KiB / 1024 is exact in a double, and the numbers stay near 1. Column 0 is the
 * shortage, column k + 1 is segment k; all segments have the coefficient 1 in the only row. So the
 * matrix never changes: from interval to interval only bounds, prices and the basis do. */
enum { ROOM_AT_FIRST = 64 };

struct memory_solver {
    struct solver *glpk;
    struct memory_segments segments;
    double *lengths, *costs; /* [glpk columns] what GLPK holds now */
    int columns;
};

struct memory_solver *memory_solver_new(void)
{
    return calloc(1, sizeof(struct memory_solver));
}

static void drop_glpk(struct memory_solver *solver)
{
    solver_free(solver->glpk);
    free(solver->lengths);
    free(solver->costs);
    solver->glpk = NULL;
    solver->lengths = solver->costs = NULL;
    solver->columns = 0;
}

void memory_solver_free(struct memory_solver *solver)
{
    if (!solver)
        return;
    drop_glpk(solver);
    memory_segments_done(&solver->segments);
    free(solver);
}

void memory_solution_done(struct memory_solution *solution)
{
    if (!solution)
        return;
    free(solution->sizes_kib);
    memset(solution, 0, sizeof(*solution));
}

/* The empty frame with room for n columns. */
static int frame(int n, struct solver **ret)
{
    struct lp *lp = lp_new("memory");
    int row = lp_add_row(lp, "capacity", -INFINITY, 0), r;

    lp_add_entry(lp, row,
                 lp_add_column(lp, "short", LP_CONTINUOUS, 0, INFINITY, MEMORY_SHORT_PRICE), -1);
    for (int j = 1; j < n; j++)
        lp_add_entry(lp, row, lp_add_column(lp, "q", LP_CONTINUOUS, 0, 0, 0), 1);
    r = solver_new(lp, ret);
    lp_free(lp);
    return r;
}

static int make_room(struct memory_solver *solver, size_t segments)
{
    int columns = solver->columns ? solver->columns : ROOM_AT_FIRST;
    int r;

    if (segments < (size_t)solver->columns)
        return 0;
    while ((size_t)columns <= segments)
        columns *= 2;
    drop_glpk(solver);
    solver->lengths = calloc((size_t)columns, sizeof(*solver->lengths));
    solver->costs = calloc((size_t)columns, sizeof(*solver->costs));
    if (!solver->lengths || !solver->costs)
        return -ENOMEM;
    r = frame(columns, &solver->glpk);
    solver->columns = r < 0 ? 0 : columns;
    return r;
}

static int set_column(struct memory_solver *solver, int j, double length, double cost)
{
    int r = 0;

    if (solver->lengths[j] != length)
        r = solver_set_column_bounds(solver->glpk, j, 0, length);
    if (r == 0 && solver->costs[j] != cost)
        r = solver_set_column_cost(solver->glpk, j, cost);
    solver->lengths[j] = length;
    solver->costs[j] = cost;
    return r;
}

static int load_columns(struct memory_solver *solver, const struct memory_fill *fill)
{
    const struct memory_segments *segments = &solver->segments;
    int r = 0;

    for (size_t k = 0; k < segments->n && r == 0; k++) {
        const struct memory_segment *segment = &segments->at[k];
        int j = (int)k + 1;

        r = set_column(solver, j, (double)segment->length_kib / KIB_PER_MIB, -segment->price);
        if (r == 0)
            r = solver_set_column_basis(solver->glpk, j, memory_fill_basis(segment, k, fill));
    }
    for (int j = (int)segments->n + 1; j < solver->columns && r == 0; j++) {
        r = set_column(solver, j, 0, 0);
        if (r == 0)
            r = solver_set_column_basis(solver->glpk, j, SOLVER_FIXED);
    }
    return r;
}

static int load(struct memory_solver *solver, const struct memory_fill *fill)
{
    bool is_short = fill->dual == MEMORY_SHORT_PRICE;
    bool all_fits = fill->dual == 0;
    int r = load_columns(solver, fill);

    if (r == 0)
        r = solver_set_row_bounds(solver->glpk, 0, -INFINITY,
                                  (double)solver->segments.spare_kib / KIB_PER_MIB);
    if (r == 0)
        r = solver_set_row_basis(solver->glpk, 0, all_fits ? SOLVER_BASIC : SOLVER_AT_UPPER);
    if (r == 0)
        r = solver_set_column_basis(solver->glpk, 0, is_short ? SOLVER_BASIC : SOLVER_AT_LOWER);
    return r;
}

/* Down to whole KiB; GLPK's dust must not take a KiB from a value that is whole. */
static int64_t kib_of(double mib)
{
    return (int64_t)floor(mib * KIB_PER_MIB + 1e-3);
}

static void read_sizes(const struct memory_solver *solver, const struct memory_problem *problem,
                       int64_t *sizes)
{
    for (size_t i = 0; i < problem->n_items; i++)
        sizes[i] = problem->items[i].lower_kib;
    for (size_t k = 0; k < solver->segments.n; k++)
        sizes[solver->segments.at[k].item] += kib_of(solver_value(solver->glpk, (int)k + 1));
}

static void fill_sizes(const struct memory_solver *solver, const struct memory_problem *problem,
                       const struct memory_fill *fill, int64_t *sizes)
{
    for (size_t i = 0; i < problem->n_items; i++)
        sizes[i] = problem->items[i].lower_kib;
    for (size_t k = 0; k < solver->segments.n; k++)
        sizes[solver->segments.at[k].item] += memory_filled(&solver->segments.at[k], k, fill);
}

/* 0 with GLPK's sizes and dual, or negative: it has no clean answer. */
static int run_glpk(struct memory_solver *solver, const struct memory_problem *problem,
                    const struct memory_fill *fill, struct memory_solution *solution)
{
    struct memory_value value;
    enum solve_status status = SOLVE_FAILED;
    double dual;
    int r = make_room(solver, solver->segments.n);

    if (r == 0)
        r = load(solver, fill);
    if (r == 0)
        r = solver_simplex(solver->glpk, &solution->work, &status);
    if (r < 0 || status != SOLVE_OPTIMAL)
        return r < 0 ? r : -EAGAIN;
    read_sizes(solver, problem, solution->sizes_kib);
    memory_evaluate(problem, &solver->segments, solution->sizes_kib, &value);
    dual = -solver_row_dual(solver->glpk, 0);
    if (value.violations || value.over_kib != solution->level.short_kib || dual < -0.5 ||
        dual > MEMORY_SHORT_PRICE + 0.5)
        return -EAGAIN;
    solution->dual = (int)lround(dual);
    solution->columns = (int)solver->segments.n + 1; /* the shortage too */
    solution->free = solver_free_columns(solver->glpk);
    solution->method = MEMORY_METHOD_SIMPLEX;
    return 0;
}

static void judge(const struct memory_solver *solver, const struct memory_problem *problem,
                  struct memory_solution *solution)
{
    int64_t bound = memory_dual_bound(&solver->segments, solution->dual);
    struct memory_value value;

    memory_evaluate(problem, &solver->segments, solution->sizes_kib, &value);
    solution->status = value.cost == bound ? SOLVE_OPTIMAL : SOLVE_FEASIBLE;
    solution->objective = (double)value.cost / KIB_PER_MIB;
    solution->bound = (double)bound / KIB_PER_MIB;
    solution->gap = value.cost > bound ? (double)(value.cost - bound) / (double)value.cost : 0;
}

static double price_of_hold(const struct memory_solver *solver,
                            const struct memory_problem *problem, int64_t *scratch)
{
    struct memory_value value;

    for (size_t i = 0; i < problem->n_items; i++)
        scratch[i] = problem->items[i].current_kib;
    memory_evaluate(problem, &solver->segments, scratch, &value);
    return (double)value.cost / KIB_PER_MIB;
}

int memory_solve(struct memory_solver *solver, const struct memory_problem *problem,
                 const struct work *limits, struct memory_solution *ret)
{
    struct memory_solution solution = {.n_items = problem->n_items, .work = *limits};
    struct memory_fill fill;
    int r = memory_problem_check(problem);

    if (r < 0)
        return r;
    solution.sizes_kib = calloc(problem->n_items + 1, sizeof(*solution.sizes_kib));
    r = solution.sizes_kib ? memory_segments_build(problem, &solver->segments) : -ENOMEM;
    if (r < 0) {
        memory_solution_done(&solution);
        return r;
    }
    solution.level = solver->segments.level;
    solution.hold_objective = price_of_hold(solver, problem, solution.sizes_kib);
    memory_fill(&solver->segments, &fill);
    if (run_glpk(solver, problem, &fill, &solution) < 0) {
        drop_glpk(solver);
        solution.method = MEMORY_METHOD_FILL;
        solution.dual = fill.dual;
        fill_sizes(solver, problem, &fill, solution.sizes_kib);
    }
    judge(solver, problem, &solution);
    *ret = solution;
    return 0;
}
