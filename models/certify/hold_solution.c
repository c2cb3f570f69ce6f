/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/certify/hold_solution.h"
#include "models/placement/evaluate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/placement/hold_bound.h"

static int price_hold(const struct balance *balance, struct placement_solution *solution)
{
    const struct placement_problem *problem = balance->problem;
    struct placement_value value = {0};
    struct hold hold = {0};
    int r = hold_bound(balance, &hold);

    if (r == 0)
        r = placement_evaluate(problem, problem->current, &value);
    if (r < 0)
        return r;
    if (value.violations)
        return -EINVAL;
    solution->status = hold.optimal || problem->n_items == 0 ? SOLVE_OPTIMAL : SOLVE_FEASIBLE;
    solution->objective = solution->hold_objective = solution->bound = value.objective;
    if (solution->status != SOLVE_OPTIMAL)
        solution->bound = (double)hold.bound / (double)balance->scale / problem->kappa;
    solution->gap = solution->objective > 0 ? 1 - solution->bound / solution->objective : 0;
    return 0;
}

int hold_solution(const struct placement_problem *problem, struct placement_solution *ret)
{
    struct placement_solution solution = {
        .method = PLACEMENT_METHOD_HOLD, .n_items = problem->n_items, .homeless_item = -1};
    struct balance balance;
    int r = placement_problem_check(problem);

    if (r < 0)
        return r;
    r = balance_new(problem, &balance);
    if (r < 0)
        return r;
    solution.bin_of = calloc(problem->n_items + 1, sizeof(int));
    r = solution.bin_of ? price_hold(&balance, &solution) : -ENOMEM;
    if (r == 0)
        memcpy(solution.bin_of, problem->current, problem->n_items * sizeof(int));
    balance_done(&balance);
    if (r < 0)
        placement_solution_done(&solution);
    else
        *ret = solution;
    return r;
}
