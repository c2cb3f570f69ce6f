/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>

#include "models/solve/plan_program.h"

/* F is an integer, and with one window so is the cost: what GLPK finds above the objective by less
 * than this part of one unit is not above it. */
static const double CUTOFF_SLACK = 0.5, COST_SLACK = 0.01, WHOLE = 0.5;

/* Columns that the cutoff excludes by their reduced cost, and all artificials, leave the tree; the
 * others join it. */
static int choose_columns(struct plan_program *q)
{
    double room = q->cutoff - solver_objective(q->solver);
    int listed = q->n_listed, r = 0;
    size_t n = 0;

    for (int z = 0; z < listed && r >= 0; z++) {
        int column = q->first_column + z;

        if (solver_column_basis(q->solver, column) != SOLVER_BASIC && z >= q->n_plan &&
            solver_reduced_cost(q->solver, column) > room)
            q->ranked[n++] = (struct ranked){0, column};
    }
    for (int k = 0; k < q->n_kept && r >= 0; k++)
        if (!q->is_listed[k] && program_reduced_cost(q, k) <= room)
            q->wanted[q->n_wanted++] = k;
    for (size_t z = 0; z < n && r >= 0; z++)
        r = solver_set_column_bounds(q->solver, q->ranked[z].k, 0, 0);
    for (int k = 0; k < q->n_rows && r >= 0; k++)
        r = solver_set_column_bounds(q->solver, k, 0, 0);
    for (int z = 0; z < q->n_wanted && r >= 0; z++)
        r = program_list(q, q->wanted[z]);
    return r;
}

static void take_pattern(const struct pattern *pattern, int *bin_of)
{
    for (int z = 0; z < pattern->n_items; z++)
        bin_of[pattern->items[z]] = pattern->bin;
}

static void read_plan(const struct plan_program *q, int *bin_of)
{
    const struct plan_search *search = q->search;

    for (int z = 0; z < q->n_listed; z++)
        if (solver_value(q->solver, q->first_column + z) > WHOLE)
            take_pattern(program_pattern(q, q->listed[z]), bin_of);
    for (int k = 0; k < search->n_chosen; k++) {
        const struct pattern *pattern = &search->patterns->patterns[search->chosen[k]];

        if (q->left.alive[k] && q->bin_row[pattern->bin] < 0)
            take_pattern(pattern, bin_of);
    }
}

static int branch(struct plan_program *q, struct work *work, const double *incumbent, int *bin_of,
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

/* Whether every bin can have its pattern of the known plan. */
static bool plan_is_there(const struct plan_program *q)
{
    const struct plan_search *search = q->search;
    int there = q->n_plan;

    for (int k = 0; k < search->n_chosen; k++) {
        const struct pattern *pattern = &search->patterns->patterns[search->chosen[k]];

        there += q->left.alive[k] && q->bin_row[pattern->bin] < 0 && program_in_plan(q, pattern);
    }
    return there == q->in->m;
}

/* The known plan as a point, or NULL where it is not all there. */
static double *known_point(const struct plan_program *q, struct arena *arena)
{
    double *point = arena_take(arena, (size_t)solver_columns(q->solver), sizeof(*point));

    if (!point || !plan_is_there(q))
        return NULL;
    if (q->spread)
        point[q->deviation] = q->least_beyond;
    for (int z = 0; z < q->n_plan; z++) {
        const struct pattern *pattern = program_pattern(q, q->listed[z]);

        point[q->first_column + z] = 1;
        if (q->spread)
            point[q->deviation] = fmax(point[q->deviation], program_beyond(q, pattern->window));
    }
    return point;
}

static int solve(struct plan_program *q, struct work *work, int *bin_of,
                 struct plan_search_result *result, struct arena *arena)
{
    enum solve_status status;
    int r = program_open(q, arena);

    if (r >= 0)
        r = program_solve_root(q, work, &status);
    if (r < 0 || status != SOLVE_OPTIMAL)
        return r;
    if (solver_objective(q->solver) > q->cutoff) {
        result->complete = true;
        return 0;
    }
    if (q->search->max_nodes == 0)
        return 0;
    r = choose_columns(q);
    return r < 0 ? r : branch(q, work, known_point(q, arena), bin_of, result);
}

/* Whether there is anything left to ask. */
static bool is_decided(struct plan_program *q, struct plan_search_result *result)
{
    q->cutoff =
        program_cost_units(q, q->search->objective) - q->base + CUTOFF_SLACK / (double)q->in->unit;
    if (!q->spread && q->in->problem->objective == PLACEMENT_DEVIATION)
        q->cutoff = floor(q->cutoff) + COST_SLACK;
    result->complete = q->left.impossible || q->cutoff < 0;
    return result->complete;
}

int plan_search(const struct plan_search *search, struct work *work, int *bin_of,
                struct plan_search_result *ret)
{
    const struct windows *windows = search->windows;
    struct plan_program q = {.search = search, .in = windows->in};
    struct plan_search_result result = {false, false};
    struct arena arena = {0};
    int r;

    q.spread = windows->least[search->to] > windows->least[search->from];
    q.base = program_cost_units(&q, q.in->kappa * windows->least[search->from]);
    r = program_sort_out(&q, &arena);
    if (r < 0 || is_decided(&q, &result))
        goto out;
    if (q.n_kept > 0) {
        r = solve(&q, work, bin_of, &result, &arena);
        goto out;
    }
    result.found = result.complete = true;
    read_plan(&q, bin_of);
out:
    if (r >= 0)
        *ret = result;
    solver_free(q.solver);
    arena_done(&arena);
    return r < 0 ? r : 0;
}
