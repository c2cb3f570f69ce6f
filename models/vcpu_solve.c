/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/closing.h"
#include "models/column_generation.h"
#include "models/dual_ascent.h"
#include "models/hold_bound.h"
#include "models/local_search.h"
#include "models/repair_mip.h"
#include "models/restricted.h"
#include "models/rounding.h"
#include "models/touch_bounds.h"

enum {
    ASCENT_LEAST = 600, /* evaluations of the ascent, and so many more per vCPU */
    ASCENT_PER_VCPU = 8,
    ASCENT_EVALUATIONS = 60,
    ASCENT_NODES = 30,
    PATTERNS_PER_BIN = 8,
    RESTRICTED_NODES = 150,
    /* The repair model: small ones at once, larger ones when all else has failed. */
    REPAIR_COLUMNS = 40,
    REPAIR_NODES = 10,
    REPAIR_AGAIN_COLUMNS = 5000,
    REPAIR_AGAIN_NODES = 5000,
};

/* Everything about one solve. The incumbent is search.best, what is proven stands in bounds. */
struct solve {
    struct balance balance;
    struct instance instance;
    struct local_search search;
    struct windows windows;
    struct pricing pricing;
    struct bounds bounds;
    struct pattern_store patterns;
    struct dual_ascent ascent;
    struct generation generation;
    struct work *work;

    struct arena arena;
};

static int step_touch(struct solve *solve)
{
    return touch_bounds(&solve->pricing, &solve->bounds, solve->search.best_objective,
                        &solve->arena);
}

static int step_local_search(struct solve *solve)
{
    solve->search.lower = bounds_least(&solve->bounds);
    return local_search_more(&solve->search);
}

static bool proven(const struct solve *solve)
{
    return bounds_least(&solve->bounds) >= solve->search.best_objective;
}

static int first_open_window(const struct solve *solve)
{
    int t = 0;

    while (t < solve->bounds.top &&
           bounds_objective(&solve->bounds, t) >= solve->search.best_objective)
        t++;
    return t;
}

/* Where all has to be packed anew, a better bound makes another look worth its while. */
static int step_packing(struct solve *solve)
{
    return solve->search.evacuated ? step_local_search(solve) : 0;
}

/* Bound and plan in turn: the ascent's patterns at the weakest window make the next plan. */
static int step_ascent(struct solve *solve)
{
    int r = dual_ascent_new(&solve->pricing, &solve->bounds, &solve->patterns, &solve->arena,
                            &solve->ascent);

    for (int left = ASCENT_LEAST + ASCENT_PER_VCPU * solve->instance.n; left > 0 && r >= 0;
         left -= ASCENT_EVALUATIONS) {
        int64_t before = solve->search.best_objective;
        int target;

        r = dual_ascent_run(&solve->ascent, solve->search.best_objective, ASCENT_EVALUATIONS);
        if (r < 0 || proven(solve) || work_exhausted(solve->work))
            break;
        target = solve->ascent.target;
        r = round_weights(&solve->patterns, target, &solve->search);
        if (r < 0 || proven(solve))
            break;
        r = restricted_master(
            &(struct restricted){.bounds = &solve->bounds,
                                 .patterns = &solve->patterns,
                                 .search = &solve->search,
                                 .from = target,
                                 .to = target,
                                 .max_patterns = PATTERNS_PER_BIN * solve->instance.m,
                                 .max_nodes = ASCENT_NODES});
        solve->pricing.top = bounds_trim(&solve->bounds, solve->search.best_objective);
        if (solve->ascent.stuck[target] && solve->search.best_objective == before)
            break;
    }
    return r;
}

static int step_generation(struct solve *solve)
{
    solve->generation = (struct generation){.pricing = &solve->pricing,
                                            .bounds = &solve->bounds,
                                            .patterns = &solve->patterns,
                                            .search = &solve->search};
    return column_generation(&solve->generation, &solve->arena);
}

static int step_restricted(struct solve *solve)
{
    struct pattern_store *columns = &solve->generation.master.patterns;

    return restricted_master(&(struct restricted){.bounds = &solve->bounds,
                                                  .patterns = columns,
                                                  .search = &solve->search,
                                                  .from = first_open_window(solve),
                                                  .to = solve->bounds.top,
                                                  .max_patterns = columns->n,
                                                  .max_nodes = RESTRICTED_NODES});
}

static int step_closing(struct solve *solve)
{
    solve->pricing.top = bounds_trim(&solve->bounds, solve->search.best_objective);
    return close_gap(&solve->generation);
}

static int repair_up_to(struct solve *solve, int64_t columns, int64_t nodes)
{
    if (repair_mip_columns(&solve->instance) > columns)
        return 0;
    return repair_mip(&(struct repair_mip){.pricing = &solve->pricing,
                                           .bounds = &solve->bounds,
                                           .search = &solve->search,
                                           .max_nodes = nodes});
}

static int step_repair(struct solve *solve)
{
    return repair_up_to(solve, REPAIR_COLUMNS, REPAIR_NODES);
}

static int step_repair_again(struct solve *solve)
{
    return repair_up_to(solve, REPAIR_AGAIN_COLUMNS, REPAIR_AGAIN_NODES);
}

/* What follows the first plan, cheapest first; each is skipped once the gap is closed. */
static const struct {
    int (*run)(struct solve *solve);
    enum vcpu_method method;
} steps[] = {
    {step_touch, VCPU_METHOD_TOUCH_BOUND},       {step_local_search, VCPU_METHOD_TOUCH_BOUND},
    {step_ascent, VCPU_METHOD_SUBGRADIENT},      {step_packing, VCPU_METHOD_SUBGRADIENT},
    {step_repair, VCPU_METHOD_REPAIR_MIP},       {step_generation, VCPU_METHOD_MASTER},
    {step_restricted, VCPU_METHOD_MASTER},       {step_closing, VCPU_METHOD_ENUMERATION},
    {step_repair_again, VCPU_METHOD_REPAIR_MIP},
};

static int prepare(struct solve *solve)
{
    int64_t reach;
    int r = local_search_new(&solve->instance, solve->work, &solve->arena, &solve->search);

    if (r < 0)
        return r;
    r = local_search_first(&solve->search);
    if (r < 0)
        return r;
    reach = windows_reach(&solve->instance, solve->search.best_objective);
    r = windows_new(&solve->instance, reach, &solve->arena, &solve->windows);
    if (r < 0)
        return r;
    r = bounds_new(&solve->windows, &solve->arena, &solve->bounds);
    if (r < 0)
        return r;
    r = pricing_new(&solve->windows, solve->work, &solve->arena, &solve->pricing);
    if (r < 0)
        return r;
    return patterns_new(&solve->windows, &solve->patterns);
}

static int run_steps(struct solve *solve, enum vcpu_method *ret_method)
{
    *ret_method = VCPU_METHOD_LOCAL_SEARCH;
    for (size_t k = 0; k < sizeof(steps) / sizeof(*steps); k++) {
        int64_t before = solve->search.best_objective;
        int r;

        if (work_exhausted(solve->work))
            return 0;
        r = steps[k].run(solve);
        /* Where GLPK gave up, what is known so far stands, and the other steps may still do. */
        if (r < 0 && r != -EPROTO)
            return r;
        if (solve->search.best_objective < before && steps[k].method > VCPU_METHOD_SUBGRADIENT)
            *ret_method = steps[k].method;
        if (proven(solve)) {
            *ret_method = steps[k].method;
            return 0;
        }
    }
    return 0;
}

/* The last word is the price of the placement itself, computed from the problem alone. */
static int fill_solution(struct vcpu_solution *solution, const struct vcpu_problem *problem,
                         double bound, bool is_proven)
{
    struct vcpu_price price;
    int r = vcpu_price(problem, solution->bin_of, &price);

    if (r < 0)
        return r;
    assert(price.violations == 0);
    solution->objective = price.objective;
    solution->bound = fmin(bound, price.objective);
    if (is_proven && problem->objective == VCPU_DEVIATION)
        solution->bound = price.objective;
    solution->status = is_proven ? SOLVE_OPTIMAL : SOLVE_FEASIBLE;
    solution->gap = is_proven || price.objective <= 0
                        ? 0
                        : (price.objective - solution->bound) / price.objective;
    return 0;
}

static int solve_by_search(struct solve *solve, const struct hold *hold,
                           struct vcpu_solution *solution)
{
    int64_t least;
    int r = instance_new(&solve->balance, &solve->instance);

    if (r < 0)
        return r;
    r = prepare(solve);
    if (r < 0)
        return r;
    r = run_steps(solve, &solution->method);
    if (r < 0)
        return r;
    least = bounds_least(&solve->bounds);
    if (hold->bound > least)
        least = hold->bound;
    if (least > solve->search.best_objective)
        least = solve->search.best_objective;
    instance_lift(&solve->instance, solve->search.best.bin, solution->bin_of);
    return fill_solution(solution, solve->balance.problem, instance_points(&solve->instance, least),
                         least >= solve->search.best_objective);
}

static int solve_feasible(const struct vcpu_problem *problem, struct vcpu_solution *solution)
{
    struct solve solve = {.work = &solution->work};
    struct hold hold;
    int r = balance_new(problem, &solve.balance);

    if (r < 0)
        return r;
    r = hold_bound(&solve.balance, &hold);
    if (r < 0)
        goto out;
    memcpy(solution->bin_of, problem->current, problem->n_vcpus * sizeof(int));
    if (hold.optimal || problem->n_vcpus == 0) {
        solution->method = VCPU_METHOD_HOLD;
        r = fill_solution(solution, problem, INFINITY, true);
    } else {
        r = solve_by_search(&solve, &hold, solution);
    }
out:
    column_generation_done(&solve.generation);
    patterns_done(&solve.patterns);
    instance_done(&solve.instance);
    arena_done(&solve.arena);
    balance_done(&solve.balance);
    return r;
}

static int homeless_vcpu(const struct vcpu_problem *problem)
{
    size_t m = problem->n_bins;

    for (size_t i = 0; problem->allowed && i < problem->n_vcpus; i++) {
        if (!memchr(problem->allowed + i * m, true, m * sizeof(bool)))
            return (int)i;
    }
    return -1;
}

static int price_hold(const struct vcpu_problem *problem, double *ret)
{
    struct vcpu_price price;
    int r = vcpu_price(problem, problem->current, &price);

    if (r < 0)
        return r;
    *ret = price.violations ? INFINITY : price.objective;
    return 0;
}

int vcpu_solve(const struct vcpu_problem *problem, const struct work *limits,
               struct vcpu_solution *ret)
{
    struct vcpu_solution solution = {.n_vcpus = problem->n_vcpus, .infeasible_vcpu = -1};
    int r = vcpu_problem_check(problem);

    if (r < 0)
        return r;
    if (limits)
        solution.work = *limits;
    solution.infeasible_vcpu = homeless_vcpu(problem);
    if (solution.infeasible_vcpu >= 0) {
        solution.status = SOLVE_INFEASIBLE;
        solution.objective = solution.bound = solution.hold_objective = INFINITY;
        *ret = solution;
        return 0;
    }
    solution.bin_of = calloc(problem->n_vcpus + 1, sizeof(int));
    if (!solution.bin_of)
        return -ENOMEM;
    r = price_hold(problem, &solution.hold_objective);
    if (r >= 0)
        r = solve_feasible(problem, &solution);
    if (r < 0) {
        vcpu_solution_done(&solution);
        return r;
    }
    *ret = solution;
    return 0;
}
