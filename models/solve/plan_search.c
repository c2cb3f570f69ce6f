/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>

#include "models/solve/plan_program.h"

/* F is an integer, and with one window so is the cost: what GLPK finds above the objective by less
 * than this part of one unit is not above it. */
static const double CUTOFF_SLACK = 0.5, COST_SLACK = 0.01, WHOLE = 0.5;

/* Columns that the cutoff excludes by their reduced cost, and all artificials, leave the tree; the
 * others join it. */
static int choose_columns(struct plan_program *program)
{
    double room = program->cutoff - solver_objective(program->solver);
    int listed = program->n_listed, r = 0;
    size_t n = 0;

    for (int z = 0; z < listed && r >= 0; z++) {
        int column = program->first_column + z;

        if (!solver_is_basic(program->solver, column) && z >= program->n_plan &&
            solver_reduced_cost(program->solver, column) > room)
            program->ranked[n++] = (struct ranked){0, column};
    }
    for (int k = 0; k < program->n_kept && r >= 0; k++)
        if (!program->is_listed[k] && plan_program_reduced_cost(program, k) <= room)
            program->wanted[program->n_wanted++] = k;
    for (size_t z = 0; z < n && r >= 0; z++)
        r = solver_set_column_bounds(program->solver, program->ranked[z].k, 0, 0);
    for (int k = 0; k < program->n_rows && r >= 0; k++)
        r = solver_set_column_bounds(program->solver, k, 0, 0);
    for (int z = 0; z < program->n_wanted && r >= 0; z++)
        r = plan_program_list(program, program->wanted[z]);
    return r;
}

static void take_pattern(const struct pattern *pattern, int *bin_of)
{
    for (int z = 0; z < pattern->n_items; z++)
        bin_of[pattern->items[z]] = pattern->bin;
}

static void read_plan(const struct plan_program *program, int *bin_of)
{
    const struct plan_search *search = program->search;

    for (int z = 0; z < program->n_listed; z++)
        if (solver_value(program->solver, program->first_column + z) > WHOLE)
            take_pattern(plan_program_pattern(program, program->listed[z]), bin_of);
    for (int k = 0; k < search->n_chosen; k++) {
        const struct pattern *pattern = &search->patterns->patterns[search->chosen[k]];

        if (program->left.alive[k] && program->bin_row[pattern->bin] < 0)
            take_pattern(pattern, bin_of);
    }
}

static int branch(struct plan_program *program, struct work *work, const double *incumbent,
                  int *bin_of, struct plan_search_result *result)
{
    struct solver_branching how = {.incumbent = incumbent,
                                   .max_nodes = program->search->max_nodes,
                                   .most_fractional = true,
                                   .has_cutoff = true,
                                   .cutoff = program->cutoff};
    enum solve_status status;
    int r = solver_simplex(program->solver, work, &status);

    if (r < 0)
        return r;
    if (status == SOLVE_INFEASIBLE)
        result->complete = true;
    if (status != SOLVE_OPTIMAL)
        return 0;
    r = solver_branch(program->solver, &how, work, &status);
    if (r < 0)
        return r;
    result->complete = status == SOLVE_OPTIMAL || status == SOLVE_INFEASIBLE ||
                       solver_bound(program->solver) > program->cutoff;
    /* The known plan may come back: it is above the cutoff, and so no answer. */
    result->found = (status == SOLVE_OPTIMAL || status == SOLVE_FEASIBLE) &&
                    solver_objective(program->solver) <= program->cutoff;
    if (result->found)
        read_plan(program, bin_of);
    return 0;
}

/* Whether every bin can have its pattern of the known plan. */
static bool plan_is_there(const struct plan_program *program)
{
    const struct plan_search *search = program->search;
    int there = program->n_plan;

    for (int k = 0; k < search->n_chosen; k++) {
        const struct pattern *pattern = &search->patterns->patterns[search->chosen[k]];

        there += program->left.alive[k] && program->bin_row[pattern->bin] < 0 &&
                 plan_program_in_plan(program, pattern);
    }
    return there == program->in->m;
}

/* The known plan as a point, or NULL where it is not all there. */
static double *known_point(const struct plan_program *program, struct arena *arena)
{
    double *point = arena_take(arena, (size_t)solver_columns(program->solver), sizeof(*point));

    if (!point || !plan_is_there(program))
        return NULL;
    if (program->spread)
        point[program->deviation] = program->least_beyond;
    for (int z = 0; z < program->n_plan; z++) {
        const struct pattern *pattern = plan_program_pattern(program, program->listed[z]);

        point[program->first_column + z] = 1;
        if (program->spread)
            point[program->deviation] =
                fmax(point[program->deviation], plan_program_beyond(program, pattern->window));
    }
    return point;
}

static int solve(struct plan_program *program, struct work *work, int *bin_of,
                 struct plan_search_result *result, struct arena *arena)
{
    enum solve_status status;
    int r = plan_program_open(program, arena);

    if (r < 0)
        return r;
    r = plan_program_solve_root(program, work, &status);
    if (r < 0 || status != SOLVE_OPTIMAL)
        return r;
    if (solver_objective(program->solver) > program->cutoff) {
        result->complete = true;
        return 0;
    }
    if (program->search->max_nodes == 0)
        return 0;
    r = choose_columns(program);
    return r < 0 ? r : branch(program, work, known_point(program, arena), bin_of, result);
}

/* Whether there is anything left to ask. */
static bool is_decided(struct plan_program *program, struct plan_search_result *result)
{
    program->cutoff = plan_program_cost_units(program, program->search->cutoff) - program->base +
                      CUTOFF_SLACK / (double)program->in->unit;
    if (!program->spread && program->in->problem->objective == PLACEMENT_DEVIATION)
        program->cutoff = floor(program->cutoff) + COST_SLACK;
    /* The patterns without a choice may alone deviate too much. */
    result->complete =
        program->left.impossible ||
        program->cutoff < program->least_beyond * plan_program_deviation_price(program);
    return result->complete;
}

int plan_search(const struct plan_search *search, struct work *work, int *bin_of,
                struct plan_search_result *ret)
{
    const struct windows *windows = search->windows;
    struct plan_program program = {.search = search, .in = windows->in};
    struct plan_search_result result = {false, false};
    struct arena arena = {0};
    int r;

    program.spread = windows->least[search->to] > windows->least[search->from];
    program.base =
        plan_program_cost_units(&program, program.in->kappa * windows->least[search->from]);
    r = plan_program_sort_out(&program, &arena);
    if (r < 0 || is_decided(&program, &result))
        goto out;
    if (program.n_kept > 0) {
        r = solve(&program, work, bin_of, &result, &arena);
        goto out;
    }
    result.found = result.complete = true;
    read_plan(&program, bin_of);
out:
    if (r >= 0)
        *ret = result;
    solver_free(program.solver);
    arena_done(&arena);
    return r < 0 ? r : 0;
}
