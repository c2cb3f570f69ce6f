/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/hold_bound.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "models/base/whole.h"
#include "models/placement/rules.h"

static bool everybody_in_place(const struct placement_problem *problem)
{
    for (size_t i = 0; i < problem->n_items; i++)
        if (!placement_is_at_home(problem, i))
            return false;
    return true;
}

/* By how much more than its cheapest bin an item costs anywhere but at home, the least of all.
 * INT_MAX: nobody can go anywhere. */
static int cheapest_move(const struct placement_problem *problem)
{
    int least = INT_MAX;

    for (size_t i = 0; i < problem->n_items; i++) {
        int move = placement_cheapest_move(problem, i, problem->current[i]);

        if (move < INT_MAX)
            least = min_int(least, move - placement_least_price(problem, i));
    }
    return least;
}

/* What the items' homes cost, and what their cheapest bins would. */
static void sum_prices(const struct placement_problem *problem, int64_t *ret_home,
                       int64_t *ret_least)
{
    *ret_home = *ret_least = 0;
    for (size_t i = 0; i < problem->n_items; i++) {
        *ret_home += placement_home_price(problem, i);
        *ret_least += placement_least_price(problem, i);
    }
}

/* The least over k of: D at the k-th largest deviation, and k / 2 moves. */
static int64_t touch_bound(const struct balance *balance, const int64_t *deviation, int cheapest)
{
    int64_t unit = balance->scale, kappa = balance->problem->kappa;
    int64_t least = kappa * deviation[0];

    for (int k = 1; k <= balance->m && cheapest < INT_MAX; k++) {
        int64_t still = k < balance->m ? deviation[k] : 0;
        int64_t objective = kappa * still + unit * ((k + 1) / 2) * cheapest;

        least = min64(least, objective);
    }
    return least;
}

/* Permille of overload and times of being together; any at all may be worth a move. */
static int charges_of_hold(const struct balance *balance, int64_t *ret)
{
    size_t m = (size_t)balance->m;
    int64_t *load = malloc(2 * m * sizeof(*load)), together;
    int r = groups_together(&balance->groups, balance->problem->current, m, &together);

    if (!load || r < 0) {
        free(load);
        return -ENOMEM;
    }
    *ret = together;
    balance_loads(balance, balance->problem->current, load);
    balance_excesses(balance, balance->problem->current, load + m);
    for (int p = 0; p < balance->m; p++)
        *ret += balance_overload(balance, p, load[p], load[(size_t)p + m]);
    free(load);
    return 0;
}

int hold_bound(const struct balance *balance, struct hold *ret)
{
    const struct placement_problem *problem = balance->problem;
    struct hold hold = {.possible = everybody_in_place(problem)};
    int64_t *deviation, charges = 0, home, least;
    size_t breaches;
    int r = rules_breaches(problem, problem->current, &breaches);

    if (r < 0)
        return r;
    hold.possible = hold.possible && breaches == 0;
    if (!hold.possible || problem->n_items == 0) {
        *ret = hold;
        return 0;
    }
    deviation = malloc((size_t)balance->m * sizeof(*deviation));
    if (!deviation)
        return -ENOMEM;
    balance_loads(balance, problem->current, deviation);
    for (int p = 0; p < balance->m; p++)
        deviation[p] = balance_deviation(balance, p, deviation[p]);
    qsort(deviation, (size_t)balance->m, sizeof(*deviation), whole_descending64);
    r = charges_of_hold(balance, &charges);
    sum_prices(problem, &home, &least);
    hold.optimal = deviation[0] == 0;
    if (problem->objective == PLACEMENT_DEVIATION) {
        hold.bound = touch_bound(balance, deviation, cheapest_move(problem));
        hold.optimal = hold.bound >= problem->kappa * deviation[0];
        hold.bound += balance->scale * least;
    }
    hold.optimal = hold.optimal && charges == 0 && home == least;
    free(deviation);
    *ret = hold;
    return r;
}
