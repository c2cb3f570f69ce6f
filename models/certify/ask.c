/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/certify/ask.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "models/base/whole.h"

/* By how much the bound's row is relaxed, relative. GLPK tells no more apart: it takes a node this
 * close to the incumbent for no better. */
static const double BOUND_SLACK = 1e-7;
/* What a point may break a bound or a row by, absolute. */
static const double FEASIBLE_WITHIN = 1e-6;
enum { CELLS_PER_SECOND = 400 * 1000 * 1000, LEAST_PIVOTS = 2000 };
/* Beyond so many rows a node takes tens of milliseconds: so many rows in all its nodes, and pivots. */
enum { LARGE_ROWS = 4096, ROWS_OF_NODES = 40 * 1000, LARGE_PIVOTS = 200 };

/* ---- What is known, handed over ---- */

static int fix_columns(const struct question *question, struct solver *solver)
{
    int r = 0;

    for (int j = 0; j < lp_columns(question->lp) && r == 0; j++)
        if (question->fixed[j])
            r = solver_set_column_bounds(solver, j, question->incumbent[j], question->incumbent[j]);
    return r;
}

/* What the bound's row asks for. */
static double least_objective(const struct question *question)
{
    return question->has_bound ? question->bound - BOUND_SLACK * fabs(question->bound) : -INFINITY;
}

/* Whether the incumbent is a point of the program and costs no less than the bound. */
static bool is_consistent(const struct question *question)
{
    double cost = 0;

    for (int j = 0; j < lp_columns(question->lp); j++)
        cost += lp_column(question->lp, j)->cost * question->incumbent[j];
    return lp_violation(question->lp, question->incumbent) <= FEASIBLE_WITHIN &&
           cost >= least_objective(question) - FEASIBLE_WITHIN;
}

/* The bound's row, which comes last, is basic: the incumbent is not at it. */
static int set_basis(const struct question *question, struct solver *solver)
{
    int rows = lp_rows(question->lp), r = 0;

    for (int j = 0; j < lp_columns(question->lp) && r == 0; j++)
        r = solver_set_column_basis(solver, j, question->column_basis[j]);
    for (int i = 0; i < rows && r == 0; i++)
        r = solver_set_row_basis(solver, i, question->row_basis[i]);
    if (question->has_bound && r == 0)
        r = solver_set_row_basis(solver, rows, SOLVER_BASIC);
    return r;
}

static int prepare(const struct question *question, struct solver *solver)
{
    int r = question->incumbent && !is_consistent(question) ? -EINVAL : 0;

    assert(question->incumbent || !question->fixed);
    if (question->fixed && r == 0)
        r = fix_columns(question, solver);
    if (question->column_basis && r == 0)
        r = set_basis(question, solver);
    return r;
}

/* ---- The answer ---- */

static int branch(const struct question *question, struct solver *solver, struct work *work,
                  enum solve_status *ret)
{
    /* A single pivot is over the limit at once: GLPK then has the incumbent and nothing else. */
    struct work none = {.max_pivots = 1, .pivots = 1};
    struct solver_branching how = {
        .incumbent = question->incumbent,
        .holds_incumbent = true,
        .max_nodes = question->max_nodes,
        .has_cutoff = question->has_cutoff,
        .cutoff = question->cutoff + BOUND_SLACK * fabs(question->cutoff),
    };

    return solver_branch(solver, &how, question->only_relaxation ? &none : work, ret);
}

/* Whole-number columns stay where the incumbent has them. */
static int fix_at_incumbent(const struct question *question, struct solver *solver)
{
    int r = 0;

    for (int j = 0; j < lp_columns(question->lp) && r == 0; j++)
        if (lp_column(question->lp, j)->kind != LP_CONTINUOUS)
            r = solver_set_column_bounds(solver, j, question->incumbent[j], question->incumbent[j]);
    if (question->column_basis && r == 0)
        r = set_basis(question, solver);
    return r;
}

/* The work is used up: what GLPK says about the incumbent takes a few pivots more. */
static int settle(const struct question *question, struct solver *solver, struct work *work,
                  enum solve_status *ret)
{
    struct solver_branching how = {.incumbent = question->incumbent, .holds_incumbent = true};
    struct work last = {0};
    enum solve_status status;
    int r = fix_at_incumbent(question, solver);

    if (r == 0)
        r = solver_simplex(solver, &last, &status);
    if (r == 0)
        r = solver_branch(solver, &how, &last, &status);
    work->pivots += last.pivots;
    if (r == 0)
        *ret = status == SOLVE_OPTIMAL ? SOLVE_FEASIBLE : status;
    return r;
}

static int read_point(const struct question *question, struct solver *solver, struct reply *reply)
{
    int columns = lp_columns(question->lp);

    reply->objective = solver_objective(solver);
    reply->x = malloc(((size_t)columns + 1) * sizeof(*reply->x));
    if (!reply->x)
        return -ENOMEM;
    for (int j = 0; j < columns; j++)
        reply->x[j] = solver_value(solver, j);
    return 0;
}

static int solve(const struct question *question, struct solver *solver, struct work *work,
                 struct reply *reply)
{
    int r = solver_simplex(solver, work, &reply->status);

    if (r < 0)
        return r;
    reply->bound = solver_bound(solver);
    if (reply->status == SOLVE_OPTIMAL) {
        r = branch(question, solver, work, &reply->status);
        reply->bound = fmax(reply->bound, solver_bound(solver));
    } else if (question->incumbent &&
               (reply->status == SOLVE_FEASIBLE || reply->status == SOLVE_NO_INCUMBENT)) {
        r = settle(question, solver, work, &reply->status);
    } else if (reply->status == SOLVE_FEASIBLE) {
        reply->status = SOLVE_NO_INCUMBENT; /* of the relaxation only */
    }
    if (r == 0 && (reply->status == SOLVE_OPTIMAL || reply->status == SOLVE_FEASIBLE))
        r = read_point(question, solver, reply);
    return r;
}

/* A pivot costs about as much as the matrix is large: so many that they take a second at most. */
static void limit_work(const struct question *question, struct work *work)
{
    int64_t cells = (int64_t)(lp_rows(question->lp) + 1) * (lp_columns(question->lp) + 1);
    int64_t most = CELLS_PER_SECOND / cells;

    if (most < LEAST_PIVOTS)
        most = LEAST_PIVOTS;
    if (work->max_pivots > most)
        work->max_pivots = most;
    if (work->max_pivots == 0 || lp_rows(question->lp) <= LARGE_ROWS)
        return;
    work->max_pivots = min64(work->max_pivots, LARGE_PIVOTS);
    work->max_nodes = min64(work->max_nodes, ROWS_OF_NODES / lp_rows(question->lp) + 1);
}

int ask(const struct question *question, struct work *work, struct reply *ret)
{
    struct reply reply = {.status = SOLVE_FAILED, .bound = -INFINITY};
    struct solver *solver = NULL;
    int r = solver_new_above(question->lp, least_objective(question), &solver);

    limit_work(question, work);
    if (r == 0)
        r = prepare(question, solver);
    if (r == 0) {
        reply.rows = solver_rows(solver);
        reply.columns = solver_columns(solver);
        reply.free = solver_free_columns(solver);
        r = solve(question, solver, work, &reply);
    }
    solver_free(solver);
    if (r < 0)
        ask_reply_done(&reply);
    *ret = reply;
    return r;
}

void ask_reply_done(struct reply *reply)
{
    free(reply->x);
    reply->x = NULL;
}
