/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/arena.h"
#include "models/master.h"

/* F is an integer, and with one window so is the cost: what GLPK finds above the objective by less
 * than this part of one unit is not above it. */
static const double CUTOFF_SLACK = 0.5, COST_SLACK = 0.01, WHOLE = 0.5;

/* Columns: the chosen patterns, then one artificial per row, then (where the windows differ) the
 * deviation beyond window `from` in permille. Rows: vCPUs, bins, and one per bin that ties the
 * deviation to its pattern. */
struct question {
    const struct plan_search *search;
    const struct instance *in;
    struct lp *lp;
    struct solver *solver;
    bool spread; /* more than one window */
    int artificial, deviation;
    double base; /* what window `from` costs before any price, in cost units */
    double cutoff;
};

static const struct pattern *chosen(const struct question *q, int k)
{
    return &q->search->patterns->patterns[q->search->chosen[k]];
}

/* Deviation of a window beyond the first one, in permille. */
static double beyond(const struct question *q, int window)
{
    const struct windows *windows = q->search->windows;

    return (double)(windows->least[window] - windows->least[q->search->from]) /
           (double)q->in->balance->parts;
}

static double in_cost_units(const struct question *q, int64_t objective)
{
    return (double)objective / (double)q->in->unit;
}

static int add_rows(struct question *q)
{
    int rows = q->in->n + q->in->m, r = 0;

    for (int k = 0; k < rows && r >= 0; k++)
        r = lp_add_row(q->lp, NULL, 1, 1);
    for (int p = 0; q->spread && p < q->in->m && r >= 0; p++)
        r = lp_add_row(q->lp, NULL, 0, INFINITY);
    return r;
}

static int add_pattern(struct question *q, const struct pattern *pattern)
{
    int column =
        lp_add_column(q->lp, NULL, LP_BINARY, 0, 1, (double)pattern->cost / q->in->price_scale);
    int r = column;

    for (int k = 0; k < pattern->n_items && r >= 0; k++)
        r = lp_add_entry(q->lp, pattern->items[k], column, 1);
    if (r >= 0)
        r = lp_add_entry(q->lp, q->in->n + pattern->bin, column, 1);
    if (r >= 0 && q->spread && pattern->window > q->search->from)
        r = lp_add_entry(q->lp, q->in->n + q->in->m + pattern->bin, column,
                         -beyond(q, pattern->window));
    return r;
}

/* An artificial costs more than the whole question: it is gone from every plan that matters. */
static int add_artificials(struct question *q)
{
    int r = 0;

    q->artificial = lp_columns(q->lp);
    for (int row = 0; row < q->in->n + q->in->m && r >= 0; row++) {
        int column = lp_add_column(q->lp, NULL, LP_CONTINUOUS, 0, INFINITY, q->cutoff + 1);

        r = column < 0 ? column : lp_add_entry(q->lp, row, column, 1);
    }
    return r;
}

static int add_deviation(struct question *q)
{
    const struct plan_search *search = q->search;
    double price = (double)q->in->kappa * (double)q->in->balance->parts / (double)q->in->unit;
    int r = 0;

    if (!q->spread)
        return 0;
    q->deviation = lp_add_column(q->lp, NULL, LP_CONTINUOUS, 0, beyond(q, search->to), price);
    if (q->deviation < 0)
        return q->deviation;
    for (int p = 0; p < q->in->m && r >= 0; p++)
        r = lp_add_entry(q->lp, q->in->n + q->in->m + p, q->deviation, 1);
    return r;
}

static int build(struct question *q)
{
    int r = add_rows(q);

    for (int k = 0; k < q->search->n_chosen && r >= 0; k++)
        r = add_pattern(q, chosen(q, k));
    if (r >= 0)
        r = add_artificials(q);
    if (r >= 0)
        r = add_deviation(q);
    return r < 0 ? r : solver_new(q->lp, &q->solver);
}

static bool in_plan(const struct pattern *pattern, const int *plan, const int *members)
{
    if (pattern->n_items != members[pattern->bin])
        return false;
    for (int k = 0; k < pattern->n_items; k++)
        if (plan[pattern->items[k]] != pattern->bin)
            return false;
    return true;
}

/* The known plan's patterns, where they are among the chosen, else artificials: a feasible basis.
 * Returns how many bins the plan's patterns cover. */
static int start(struct question *q, double *point, struct arena *arena)
{
    const int *plan = q->search->plan;
    int rows = q->in->n + q->in->m, covered = 0, r = 0;
    int *members = arena_take(arena, (size_t)q->in->m, sizeof(int));

    if (!members)
        return -ENOMEM;
    for (int i = 0; plan && i < q->in->n; i++)
        members[plan[i]]++;
    for (int row = 0; row < rows && r >= 0; row++) {
        r = solver_set_row_basis(q->solver, row, SOLVER_FIXED);
        if (r >= 0)
            r = solver_set_column_basis(q->solver, q->artificial + row, SOLVER_BASIC);
    }
    for (int k = 0; plan && k < q->search->n_chosen && r >= 0; k++) {
        const struct pattern *pattern = chosen(q, k);

        if (!in_plan(pattern, plan, members))
            continue;
        r = solver_set_column_basis(q->solver, k, SOLVER_BASIC);
        if (r >= 0)
            r = solver_set_column_basis(q->solver, q->artificial + q->in->n + pattern->bin,
                                        SOLVER_AT_LOWER);
        point[k] = 1;
        if (q->spread && pattern->window > q->search->from)
            point[q->deviation] = fmax(point[q->deviation], beyond(q, pattern->window));
        covered++;
    }
    return r < 0 ? r : covered;
}

/* Columns that the cutoff excludes by their reduced cost, and all artificials, leave the tree. */
static int fix_columns(struct question *q, const double *point)
{
    double value = solver_objective(q->solver);
    int columns = q->search->n_chosen, r = 0;

    for (int k = 0; k < columns && r >= 0; k++) {
        double reduced = solver_reduced_cost(q->solver, k);

        if (solver_column_basis(q->solver, k) != SOLVER_BASIC && point[k] < WHOLE &&
            value + reduced > q->cutoff)
            r = solver_set_column_bounds(q->solver, k, 0, 0);
    }
    for (int k = 0; k < q->in->n + q->in->m && r >= 0; k++)
        r = solver_set_column_bounds(q->solver, q->artificial + k, 0, 0);
    return r;
}

static void read_plan(const struct question *q, int *bin_of)
{
    for (int k = 0; k < q->search->n_chosen; k++) {
        const struct pattern *pattern = chosen(q, k);

        for (int z = 0; z < pattern->n_items && solver_value(q->solver, k) > WHOLE; z++)
            bin_of[pattern->items[z]] = pattern->bin;
    }
}

static int branch(struct question *q, struct work *work, const double *incumbent, int *bin_of,
                  struct plan_search_result *result)
{
    struct solver_branching how = {.incumbent = incumbent,
                                   .max_nodes = q->search->max_nodes,
                                   .most_fractional = true,
                                   .has_cutoff = true,
                                   .cutoff = q->cutoff};
    enum solve_status status;
    int r = solver_simplex(q->solver, work, &status);

    if (r < 0)
        return r;
    if (status == SOLVE_INFEASIBLE)
        result->complete = true;
    if (status != SOLVE_OPTIMAL)
        return 0;
    r = solver_branch(q->solver, &how, work, &status);
    if (r < 0)
        return r;
    result->complete = status == SOLVE_OPTIMAL || status == SOLVE_INFEASIBLE ||
                       solver_bound(q->solver) > q->cutoff;
    result->found = status == SOLVE_OPTIMAL || status == SOLVE_FEASIBLE;
    if (result->found)
        read_plan(q, bin_of);
    return 0;
}

static int solve(struct question *q, struct work *work, int *bin_of,
                 struct plan_search_result *result, struct arena *arena)
{
    double *point = arena_take(arena, (size_t)lp_columns(q->lp), sizeof(*point));
    enum solve_status status;
    int covered, r;

    if (!point)
        return -ENOMEM;
    covered = start(q, point, arena);
    if (covered < 0)
        return covered;
    r = solver_simplex(q->solver, work, &status);
    if (r < 0 || status != SOLVE_OPTIMAL)
        return r;
    if (solver_objective(q->solver) > q->cutoff) {
        result->complete = true;
        return 0;
    }
    if (q->search->max_nodes == 0)
        return 0;
    r = fix_columns(q, point);
    if (r < 0)
        return r;
    return branch(q, work, covered == q->in->m ? point : NULL, bin_of, result);
}

int plan_search(const struct plan_search *search, struct work *work, int *bin_of,
                struct plan_search_result *ret)
{
    const struct windows *windows = search->windows;
    struct question q = {.search = search, .in = windows->in, .lp = lp_new("plans")};
    struct plan_search_result result = {false, false};
    struct arena arena = {0};
    int r = -ENOMEM;

    if (!q.lp)
        goto out;
    q.spread = windows->least[search->to] > windows->least[search->from];
    q.base = in_cost_units(&q, q.in->kappa * windows->least[search->from]);
    q.cutoff = in_cost_units(&q, search->objective) - q.base + CUTOFF_SLACK / (double)q.in->unit;
    if (!q.spread && q.in->problem->objective == VCPU_DEVIATION)
        q.cutoff = floor(q.cutoff) + COST_SLACK;
    if (q.cutoff < 0) {
        result.complete = true;
        r = 0;
        goto out;
    }
    r = build(&q);
    if (r >= 0)
        r = solve(&q, work, bin_of, &result, &arena);
out:
    if (r >= 0)
        *ret = result;
    solver_free(q.solver);
    lp_free(q.lp);
    arena_done(&arena);
    return r < 0 ? r : 0;
}
