/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/plan_search.h"

#include <errno.h>
#include <math.h>

#include "models/base/arena.h"
#include "models/lp/solver.h"
#include "models/solve/propagation.h"

/* F is an integer, and with one window so is the cost. What GLPK finds above the cutoff by less
 * than half a unit of F, or by less than a hundredth of a cost unit, is not above it: both are far
 * from the next plan, and far above GLPK's tolerance of 1e-7. A binary column above WHOLE is 1. */
static const double CUTOFF_SLACK = 0.5, COST_SLACK = 0.01, WHOLE = 0.5;

/* Which patterns partition the items at least cost?
 *
 *     min  price * deviation + sum_k cost_k * x_k
 *     s.t. each item in one chosen pattern, one chosen pattern per bin,
 *          deviation >= what pattern k stands for beyond the first window, if k is chosen.
 *
 * Propagation decides what has no choice, and only the rest has rows. Columns: an artificial per
 * row, then (where the windows differ) the deviation beyond window `from` in permille, then the
 * patterns: those of the known plan first. Rows: items and bins about which propagation leaves a
 * choice, then one per bin that ties the deviation to its pattern. */
struct program {
    const struct plan_search *search;
    const struct instance *in;
    struct solver *solver;
    struct propagation left;
    int *kept, n_kept;       /* patterns of the store about which there is a choice */
    int n_plan;              /* the first so many are the known plan's */
    int *members;            /* [m] of the known plan */
    int *item_row, *bin_row; /* [n], [m], -1: no choice */
    int n_rows;
    bool spread; /* more than one window */
    int deviation, first_column;
    double least_beyond; /* of the patterns without a choice */
    double base; /* what window `from` costs before any move, and the moves without a choice */
    double cutoff;
    struct arena arena;
};

static const struct pattern *kept_pattern(const struct program *program, int k)
{
    return &program->search->patterns->patterns[program->kept[k]];
}

/* Deviation of a window beyond the first one, in permille. */
static double beyond(const struct program *program, int window)
{
    const struct windows *windows = program->search->windows;

    if (window <= program->search->from)
        return 0;
    return (double)(windows->least[window] - windows->least[program->search->from]) /
           ((double)program->in->balance->scale / 10);
}

/* An objective in units of the columns' costs. */
static double cost_units(const struct program *program, int64_t objective)
{
    return (double)objective / (double)program->in->unit;
}

/* What one permille of that costs, in the columns' units. */
static double deviation_cost(const struct program *program)
{
    return (double)program->in->kappa * ((double)program->in->balance->scale / 10) /
           (double)program->in->unit;
}

static double cost_of(const struct program *program, const struct pattern *pattern)
{
    return (double)pattern->cost / program->in->price_scale;
}

/* Whether the known plan uses this pattern; never without a plan. */
static bool is_in_plan(const struct program *program, const struct pattern *pattern)
{
    const int *plan = program->search->plan;

    if (!plan || pattern->n_items != program->members[pattern->bin])
        return false;
    for (int k = 0; k < pattern->n_items; k++)
        if (plan[pattern->items[k]] != pattern->bin)
            return false;
    return true;
}

/* ---- What has a choice ---- */

/* Keeps the patterns with a choice that are in the known plan, or those that are not. */
static void keep(struct program *program, bool in_plan)
{
    const struct plan_search *search = program->search;

    for (int k = 0; k < search->n_chosen; k++) {
        const struct pattern *pattern = &search->patterns->patterns[search->chosen[k]];

        if (program->left.alive[k] && program->bin_row[pattern->bin] >= 0 &&
            is_in_plan(program, pattern) == in_plan)
            program->kept[program->n_kept++] = search->chosen[k];
    }
}

/* Sorts the patterns into those without and those with a choice, and numbers the rows. */
static int sort_out(struct program *program)
{
    const struct plan_search *search = program->search;
    struct arena *arena = &program->arena;
    struct propagation *left = &program->left;
    size_t n = (size_t)program->in->n, m = (size_t)program->in->m;

    *left = (struct propagation){.store = search->patterns,
                                 .chosen = search->chosen,
                                 .n_chosen = search->n_chosen,
                                 .excess = search->excess,
                                 .slack = search->slack};
    program->kept = arena_take(arena, (size_t)search->n_chosen, sizeof(int));
    program->item_row = arena_take(arena, n, sizeof(int));
    program->bin_row = arena_take(arena, m, sizeof(int));
    program->members = arena_take(arena, m, sizeof(int));
    if (propagation_run(left, arena) < 0)
        return -ENOMEM;
    for (int i = 0; search->plan && i < program->in->n; i++)
        program->members[search->plan[i]]++;
    for (int i = 0; i < program->in->n; i++)
        program->item_row[i] = left->only_bin[i] < 0 ? program->n_rows++ : -1;
    for (int p = 0; p < program->in->m; p++)
        program->bin_row[p] = left->left[p] > 1 ? program->n_rows++ : -1;
    for (int k = 0; k < search->n_chosen && !left->impossible; k++) {
        const struct pattern *pattern = &search->patterns->patterns[search->chosen[k]];

        if (!left->alive[k] || program->bin_row[pattern->bin] >= 0)
            continue;
        program->base += cost_of(program, pattern);
        program->least_beyond = fmax(program->least_beyond, beyond(program, pattern->window));
    }
    keep(program, true);
    program->n_plan = program->n_kept;
    keep(program, false);
    return 0;
}

/* ---- The program ---- */

/* An artificial column per row costs more than the whole question: no plan that matters has it. */
static void add_rows(struct program *program, struct lp *lp)
{
    for (int k = 0; k < program->n_rows; k++) {
        lp_add_row(lp, NULL, 1, 1);
        lp_add_column(lp, NULL, LP_CONTINUOUS, 0, INFINITY, program->cutoff + 1);
        lp_add_entry(lp, k, k, 1);
    }
    program->deviation = program->n_rows;
    program->first_column = program->n_rows + program->spread;
    if (!program->spread)
        return;
    lp_add_column(lp, NULL, LP_CONTINUOUS, program->least_beyond,
                  beyond(program, program->search->to), deviation_cost(program));
    for (int p = 0; p < program->in->m; p++) {
        lp_add_row(lp, NULL, 0, INFINITY);
        lp_add_entry(lp, program->n_rows + p, program->deviation, 1);
    }
}

static void add_pattern(struct program *program, struct lp *lp, const struct pattern *pattern)
{
    int column = lp_add_column(lp, NULL, LP_BINARY, 0, 1, cost_of(program, pattern));

    for (int k = 0; k < pattern->n_items; k++)
        if (program->item_row[pattern->items[k]] >= 0)
            lp_add_entry(lp, program->item_row[pattern->items[k]], column, 1);
    lp_add_entry(lp, program->bin_row[pattern->bin], column, 1);
    if (program->spread && pattern->window > program->search->from)
        lp_add_entry(lp, program->n_rows + pattern->bin, column, -beyond(program, pattern->window));
}

static int build(struct program *program)
{
    struct lp *lp = lp_new("plans");
    int r;

    add_rows(program, lp);
    for (int k = 0; k < program->n_kept; k++)
        add_pattern(program, lp, kept_pattern(program, k));
    r = solver_new(lp, &program->solver);
    lp_free(lp);
    return r;
}

/* The plan's patterns and artificials are a feasible basis. */
static int set_basis(struct program *program)
{
    struct solver *solver = program->solver;
    int r = 0;

    for (int row = 0; row < program->n_rows && r == 0; row++) {
        r = solver_set_row_basis(solver, row, SOLVER_FIXED);
        if (r == 0)
            r = solver_set_column_basis(solver, row, SOLVER_BASIC);
    }
    for (int k = 0; k < program->n_plan && r == 0; k++) {
        r = solver_set_column_basis(solver, program->first_column + k, SOLVER_BASIC);
        if (r == 0)
            r = solver_set_column_basis(solver, program->bin_row[kept_pattern(program, k)->bin],
                                        SOLVER_AT_LOWER);
    }
    return r;
}

/* ---- The answer ---- */

/* Columns that the cutoff excludes by their reduced cost, and all artificials, leave the tree. */
static int fix_columns(struct program *program)
{
    struct solver *solver = program->solver;
    double room = program->cutoff - solver_objective(solver);
    int *excluded = arena_take(&program->arena, (size_t)program->n_kept, sizeof(int)), n = 0, r = 0;

    if (!excluded)
        return -ENOMEM;
    for (int k = program->n_plan; k < program->n_kept; k++) {
        int column = program->first_column + k;

        if (!solver_is_basic(solver, column) && solver_reduced_cost(solver, column) > room)
            excluded[n++] = column;
    }
    for (int k = 0; k < n && r == 0; k++)
        r = solver_set_column_bounds(solver, excluded[k], 0, 0);
    for (int k = 0; k < program->n_rows && r == 0; k++)
        r = solver_set_column_bounds(solver, k, 0, 0);
    return r;
}

static void take_pattern(const struct pattern *pattern, int *bin_of)
{
    for (int z = 0; z < pattern->n_items; z++)
        bin_of[pattern->items[z]] = pattern->bin;
}

static void read_plan(const struct program *program, int *bin_of)
{
    const struct plan_search *search = program->search;

    for (int k = 0; k < program->n_kept; k++)
        if (solver_value(program->solver, program->first_column + k) > WHOLE)
            take_pattern(kept_pattern(program, k), bin_of);
    for (int k = 0; k < search->n_chosen; k++) {
        const struct pattern *pattern = &search->patterns->patterns[search->chosen[k]];

        if (program->left.alive[k] && program->bin_row[pattern->bin] < 0)
            take_pattern(pattern, bin_of);
    }
}

static int branch(struct program *program, struct work *work, const double *incumbent, int *bin_of,
                  struct plan_search_result *result)
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
static bool plan_is_there(const struct program *program)
{
    const struct plan_search *search = program->search;
    int there = program->n_plan;

    for (int k = 0; k < search->n_chosen; k++) {
        const struct pattern *pattern = &search->patterns->patterns[search->chosen[k]];

        there += program->left.alive[k] && program->bin_row[pattern->bin] < 0 &&
                 is_in_plan(program, pattern);
    }
    return there == program->in->m;
}

/* The known plan as a point, or NULL where it is not all there. */
static double *known_point(struct program *program)
{
    double *point =
        arena_take(&program->arena, (size_t)solver_columns(program->solver), sizeof(*point));

    if (!point || !plan_is_there(program))
        return NULL;
    if (program->spread)
        point[program->deviation] = program->least_beyond;
    for (int z = 0; z < program->n_plan; z++) {
        const struct pattern *pattern = kept_pattern(program, z);

        point[program->first_column + z] = 1;
        if (program->spread)
            point[program->deviation] =
                fmax(point[program->deviation], beyond(program, pattern->window));
    }
    return point;
}

static int solve(struct program *program, struct work *work, int *bin_of,
                 struct plan_search_result *result)
{
    enum solve_status status = SOLVE_FAILED;
    int r = build(program);

    if (r == 0)
        r = set_basis(program);
    if (r == 0)
        r = solver_simplex(program->solver, work, &status);
    if (r < 0 || status != SOLVE_OPTIMAL)
        return r;
    result->complete = solver_objective(program->solver) > program->cutoff;
    if (result->complete || program->search->max_nodes == 0)
        return 0;
    r = fix_columns(program);
    return r < 0 ? r : branch(program, work, known_point(program), bin_of, result);
}

/* A pivot looks at every entry, and loading the program takes about as long as one. */
static int solve_within(struct program *program, struct work *work, int *bin_of,
                        struct plan_search_result *result)
{
    int64_t cells = program->n_rows;
    struct work own;
    int r;

    for (int k = 0; k < program->n_kept; k++)
        cells += kept_pattern(program, k)->n_items + 1;
    own = work_for_pivots(work, cells);
    r = solve(program, &own, bin_of, result);
    work_pay_pivots(work, &own, cells);
    return r;
}

/* Whether there is anything left to ask. */
static bool is_decided(struct program *program, struct plan_search_result *result)
{
    program->cutoff = cost_units(program, program->search->cutoff) - program->base +
                      CUTOFF_SLACK / (double)program->in->unit;
    if (!program->spread && program->in->problem->objective == PLACEMENT_DEVIATION)
        program->cutoff = floor(program->cutoff) + COST_SLACK;
    /* The patterns without a choice may alone deviate too much. */
    result->complete = program->left.impossible ||
                       program->cutoff < program->least_beyond * deviation_cost(program);
    return result->complete;
}

int plan_search(const struct plan_search *search, struct work *work, int *bin_of,
                struct plan_search_result *ret)
{
    const struct windows *windows = search->windows;
    struct program program = {.search = search, .in = windows->in};
    struct plan_search_result result = {false, false};
    int r;

    program.spread = windows->least[search->to] > windows->least[search->from];
    program.base = cost_units(&program, program.in->kappa * windows->least[search->from]);
    r = sort_out(&program);
    if (r < 0 || is_decided(&program, &result))
        goto out;
    if (program.n_kept > 0) {
        r = solve_within(&program, work, bin_of, &result);
        goto out;
    }
    result.found = result.complete = true;
    read_plan(&program, bin_of);
out:
    if (r >= 0)
        *ret = result;
    solver_free(program.solver);
    arena_done(&program.arena);
    return r < 0 ? r : 0;
}
