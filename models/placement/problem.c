/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/problem.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "models/base/whole.h"
#include "models/placement/rules.h"

/* Ranges within which every sum of the integer arithmetic fits its type. */
enum {
    MAX_ITEMS = 1 << 17,
    MAX_BINS = 1 << 13,
    MAX_CAPACITY_PERMILLE = 1000 * 1000,
    MAX_WEIGHT = 1000 * 1000,
    MAX_OVERLOAD_COST = 100 * 1000,
    MAX_TOGETHER_COST = 10 * 1000,
};

const char *placement_method_text(enum placement_method method)
{
    static const char *const text[] = {
        [PLACEMENT_METHOD_HOLD] = "hold",
        [PLACEMENT_METHOD_LOCAL_SEARCH] = "local-search",
        [PLACEMENT_METHOD_COUNTING] = "counting",
        [PLACEMENT_METHOD_TOUCH_BOUND] = "touch-bound",
        [PLACEMENT_METHOD_LAGRANGIAN] = "lagrangian",
        [PLACEMENT_METHOD_MASTER] = "pattern-master",
        [PLACEMENT_METHOD_ENUMERATION] = "enumeration",
        [PLACEMENT_METHOD_GLPK] = "glpk",
    };

    return text[method];
}

bool placement_is_at_home(const struct placement_problem *problem, size_t item)
{
    int current = problem->current[item];

    return current >= 0 && placement_may_run(problem, item, (size_t)current);
}

int placement_least_price(const struct placement_problem *problem, size_t item)
{
    int least = placement_cheapest_move(problem, item, problem->current[item]);

    if (placement_is_at_home(problem, item))
        least = min_int(least, placement_home_price(problem, item));
    return least;
}

int placement_home_price(const struct placement_problem *problem, size_t item)
{
    return problem->price[item * problem->n_bins + (size_t)problem->current[item]];
}

int placement_cheapest_move(const struct placement_problem *problem, size_t item, int from)
{
    const int *cost = problem->price + item * problem->n_bins;
    int least = INT_MAX;

    for (size_t p = 0; p < problem->n_bins; p++)
        if ((int)p != from && placement_may_run(problem, item, p))
            least = min_int(least, cost[p]);
    return least;
}

void placement_solution_done(struct placement_solution *solution)
{
    free(solution->bin_of);
    proof_free(solution->proof);
    solution->bin_of = NULL;
    solution->proof = NULL;
}

/* One pass without branches: the price matrix is by far the largest input. */
static bool within(const int *values, size_t n, int low, int high)
{
    int least = low, most = low;

    for (size_t k = 0; k < n; k++) {
        least = min_int(least, values[k]);
        most = max_int(most, values[k]);
    }
    return least >= low && most <= high;
}

static int largest_capacity(const struct placement_problem *problem)
{
    int largest = 0;

    for (size_t p = 0; p < problem->n_bins; p++)
        largest = max_int(largest, problem->capacity_permille[p]);
    return largest;
}

bool placement_has_unequal_bins(const struct placement_problem *problem)
{
    for (size_t p = 1; problem->capacity_permille && p < problem->n_bins; p++)
        if (problem->capacity_permille[p] != problem->capacity_permille[0])
            return true;
    return false;
}

int64_t placement_unit(const struct placement_problem *problem, size_t bin)
{
    int64_t capacity, unit;

    if (!placement_has_unequal_bins(problem))
        return 1;
    capacity = problem->capacity_permille[bin];
    unit = (2 * PLACEMENT_UNIT * (int64_t)largest_capacity(problem) + capacity) / (2 * capacity);
    return min64(unit, (int64_t)PLACEMENT_UNIT * PLACEMENT_UNIT);
}

/* Whether the deviations of unequal bins fit into an integer, kappa times and to spare. */
static bool units_fit(const struct placement_problem *problem)
{
    double load = 0, capacity = 0, unit = 0;

    if (problem->objective != PLACEMENT_DEVIATION || !placement_has_unequal_bins(problem))
        return true;
    for (size_t i = 0; i < problem->n_items; i++)
        load += problem->demand_permille[i];
    for (size_t p = 0; p < problem->n_bins; p++) {
        load += problem->background_permille ? problem->background_permille[p] : 0;
        capacity += problem->capacity_permille[p];
        unit = fmax(unit, (double)placement_unit(problem, p));
    }
    return unit * capacity * fmax(load, capacity) * problem->kappa < (double)(INT64_C(1) << 61);
}

int placement_problem_check(const struct placement_problem *problem)
{
    size_t n = problem->n_items, m = problem->n_bins;
    int r;

    if (m < 1 || m > MAX_BINS || n > MAX_ITEMS)
        return -EINVAL;
    if (n && (!problem->demand_permille || !problem->current || !problem->price))
        return -EINVAL;
    if (!within(problem->demand_permille, n, 0, 1000) ||
        !within(problem->price, n * m, 0, PLACEMENT_MAX_PRICE) ||
        !within(problem->current, n, -1, (int)m - 1))
        return -EINVAL;
    if (problem->capacity_permille &&
        !within(problem->capacity_permille, m, 1, MAX_CAPACITY_PERMILLE))
        return -EINVAL;
    if (problem->background_permille &&
        !within(problem->background_permille, m, 0, MAX_CAPACITY_PERMILLE))
        return -EINVAL;
    if (!units_fit(problem))
        return -EINVAL;
    if (problem->overload_cost < 0 || problem->overload_cost > MAX_OVERLOAD_COST)
        return -EINVAL;
    if (problem->together_cost < 0 || problem->together_cost > MAX_TOGETHER_COST)
        return -EINVAL;
    if (problem->group_of && !within(problem->group_of, n, -1, (int)n - 1))
        return -EINVAL;
    r = rules_check(problem);
    if (r < 0)
        return r;
    switch (problem->objective) {
    case PLACEMENT_DEVIATION:
        return problem->kappa < 1 || problem->kappa > MAX_WEIGHT ? -EINVAL : 0;
    case PLACEMENT_VARIANCE:
        return problem->nu_milli < 1 || problem->nu_milli > MAX_WEIGHT ? -EINVAL : 0;
    }
    return -EINVAL;
}
