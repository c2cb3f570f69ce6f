/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/bound/bounds_proof.h"
#include "models/placement/evaluate.h"
#include "models/placement/hold_bound.h"
#include "models/solve/pipeline.h"

/* The last word is the value of the placement itself, computed from the problem alone. */
static int fill_solution(struct placement_solution *solution,
                         const struct placement_problem *problem, double bound, bool is_proven)
{
    struct placement_value value;
    int r = placement_evaluate(problem, solution->bin_of, &value);

    if (r < 0)
        return r;
    assert(value.violations == 0);
    solution->objective = value.objective;
    solution->bound = fmin(bound, value.objective);
    if (is_proven && problem->objective == PLACEMENT_DEVIATION)
        solution->bound = value.objective;
    solution->status = is_proven ? SOLVE_OPTIMAL : SOLVE_FEASIBLE;
    solution->gap = is_proven || value.objective <= 0
                        ? 0
                        : (value.objective - solution->bound) / value.objective;
    return 0;
}

/* None keeps the hard rules, or none was found. */
static void no_plan(struct placement_solution *solution, bool is_proven)
{
    free(solution->bin_of);
    solution->bin_of = NULL;
    solution->status = is_proven ? SOLVE_INFEASIBLE : SOLVE_NO_INCUMBENT;
    solution->objective = solution->hold_objective = INFINITY;
    solution->bound = is_proven ? INFINITY : 0;
    solution->gap = is_proven ? 0 : 1;
}

static int search(struct workspace *ws, const struct hold *hold,
                  struct placement_solution *solution)
{
    int64_t least, best;
    int r = pipeline_run(ws, &solution->method);

    if (r < 0)
        return r;
    best = ws->search.best_objective;
    least = bounds_least(&ws->bounds);
    if (!ws->search.has_plan) {
        no_plan(solution, least >= best);
        return 0;
    }
    least = min64(max64(hold->bound - ws->in->unit * ws->in->floor_cost, least), best);
    instance_lift(ws->in, ws->search.best.bin, solution->bin_of);
    r = bounds_proof(&ws->bounds, best, &solution->proof);
    if (r < 0)
        return r;
    return fill_solution(solution, ws->in->problem, instance_points(ws->in, least), least >= best);
}

static int solve_by_search(const struct balance *balance, const struct hold *hold,
                           struct placement_solution *solution)
{
    struct instance instance;
    struct workspace ws;
    int r = instance_new(balance, &instance);

    if (r < 0)
        return r;
    r = workspace_new(&instance, &solution->work, &ws);
    if (r >= 0) {
        r = search(&ws, hold, solution);
        workspace_done(&ws);
    }
    instance_done(&instance);
    return r;
}

static int solve_feasible(const struct placement_problem *problem,
                          struct placement_solution *solution)
{
    struct balance balance;
    struct hold hold;
    int r = balance_new(problem, &balance);

    if (r < 0)
        return r;
    r = hold_bound(&balance, &hold);
    if (r < 0)
        goto out;
    memcpy(solution->bin_of, problem->current, problem->n_items * sizeof(int));
    if (hold.optimal || problem->n_items == 0) {
        solution->method = PLACEMENT_METHOD_HOLD;
        r = fill_solution(solution, problem, INFINITY, true);
    } else {
        r = solve_by_search(&balance, &hold, solution);
    }
out:
    balance_done(&balance);
    return r;
}

static int homeless_item(const struct placement_problem *problem)
{
    size_t m = problem->n_bins;

    for (size_t i = 0; problem->allowed && i < problem->n_items; i++) {
        if (!memchr(problem->allowed + i * m, 1, m * sizeof(bool)))
            return (int)i;
    }
    return -1;
}

static int evaluate_hold(const struct placement_problem *problem, double *ret)
{
    struct placement_value value;
    int r = placement_evaluate(problem, problem->current, &value);

    if (r < 0)
        return r;
    *ret = value.violations ? INFINITY : value.objective;
    return 0;
}

int placement_solve(const struct placement_problem *problem, const struct work *limits,
                    struct placement_solution *ret)
{
    struct placement_solution solution = {.n_items = problem->n_items, .homeless_item = -1};
    int r = placement_problem_check(problem);

    if (r < 0)
        return r;
    if (limits)
        solution.work = *limits;
    solution.homeless_item = homeless_item(problem);
    if (solution.homeless_item >= 0) {
        solution.status = SOLVE_INFEASIBLE;
        solution.objective = solution.bound = solution.hold_objective = INFINITY;
        *ret = solution;
        return 0;
    }
    solution.bin_of = calloc(problem->n_items + 1, sizeof(int));
    if (!solution.bin_of)
        return -ENOMEM;
    r = evaluate_hold(problem, &solution.hold_objective);
    if (r >= 0)
        r = solve_feasible(problem, &solution);
    if (r < 0) {
        placement_solution_done(&solution);
        return r;
    }
    *ret = solution;
    return 0;
}
