/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/evaluate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "models/base/whole.h"
#include "models/placement/fair_share.h"
#include "models/placement/rules.h"
#include "models/placement/water_level.h"

static void price_moves(const struct placement_problem *problem, const int *bin_of,
                        struct placement_value *price)
{
    for (size_t i = 0; i < problem->n_items; i++) {
        int p = bin_of[i];
        bool exists = p >= 0 && (size_t)p < problem->n_bins;

        price->moves += p != problem->current[i];
        if (exists && placement_may_run(problem, i, (size_t)p))
            price->cost += problem->price[i * problem->n_bins + (size_t)p];
        else
            price->violations++;
    }
}

/* Sum of (error / parts / unit)^2 in whole permille^2, split so that no product overflows. */
static void price_loads(const struct balance *balance, const int64_t *load,
                        struct placement_value *price)
{
    double fraction = 0;

    for (int p = 0; p < balance->m; p++) {
        int64_t deviation = balance_deviation(balance, p, load[p]);
        int64_t slope = balance->unit[p] * balance->parts, whole = deviation / slope;
        double rest = (double)(deviation % slope) / (double)slope;

        price->deviation_scaled = max64(price->deviation_scaled, deviation);
        price->square_sum_permille2 += whole * whole;
        fraction += (2 * (double)whole + rest) * rest;
    }
    price->objective = (double)price->square_sum_permille2 + fraction;
    price->square_sum_permille2 += (int64_t)fraction;
    price->scale = balance->scale;
}

int placement_evaluate(const struct placement_problem *problem, const int *bin_of,
                       struct placement_value *ret)
{
    struct placement_value price = {0};
    struct balance balance;
    int64_t *load, *excess;
    size_t breaches = 0;
    int r = balance_new(problem, &balance);

    if (r < 0)
        return r;
    load = arena_take(&balance.arena, problem->n_bins, sizeof(*load));
    excess = arena_take(&balance.arena, problem->n_bins, sizeof(*excess));
    if (!load || !excess) {
        r = -ENOMEM;
        goto out;
    }
    balance_loads(&balance, bin_of, load);
    balance_excesses(&balance, bin_of, excess);
    price_moves(problem, bin_of, &price);
    price_loads(&balance, load, &price);
    for (int p = 0; p < balance.m; p++)
        price.overload_permille += balance_overload(&balance, p, load[p], excess[p]);
    r = groups_together(&balance.groups, bin_of, problem->n_bins, &price.together);
    if (r == 0)
        r = rules_breaches(problem, bin_of, &breaches);
    if (r < 0)
        goto out;
    price.violations += breaches;
    price.cost_with_charges = price.cost + problem->overload_cost * price.overload_permille +
                              problem->together_cost * price.together;
    if (problem->objective == PLACEMENT_DEVIATION)
        price.objective = (double)price.deviation_scaled / (double)price.scale +
                          (double)price.cost_with_charges / problem->kappa;
    else
        price.objective =
            price.objective / 100 + (double)price.cost_with_charges * 1000 / problem->nu_milli;
    *ret = price;
out:
    balance_done(&balance);
    return r;
}

double placement_cost_unit(const struct placement_problem *problem)
{
    return problem->objective == PLACEMENT_DEVIATION ? 1.0 / problem->kappa
                                                     : 1000.0 / problem->nu_milli;
}

double placement_sigma_pct(const struct placement_problem *problem, const int *bin_of)
{
    double sum = 0, capacity = 0, squares = 0;
    double *load = calloc(problem->n_bins, sizeof(*load));

    if (!load)
        return -1;
    for (size_t i = 0; i < problem->n_items; i++)
        if (bin_of[i] >= 0)
            load[bin_of[i]] += problem->demand_permille[i];
    for (size_t p = 0; p < problem->n_bins; p++) {
        load[p] += problem->background_permille ? problem->background_permille[p] : 0;
        sum += load[p];
        capacity += problem->capacity_permille ? problem->capacity_permille[p] : 1000;
    }
    for (size_t p = 0; p < problem->n_bins; p++) {
        double room = problem->capacity_permille ? problem->capacity_permille[p] : 1000;
        double off = 100 * (load[p] / room - sum / capacity);

        squares += room * off * off;
    }
    free(load);
    return sqrt(squares / capacity);
}

double placement_sigma_bound_pct(const struct placement_problem *problem)
{
    struct water_level level;

    return water_level(problem, &level) < 0 ? -1 : level.sigma_bound_pct;
}

int placement_water_level_permille(const struct placement_problem *problem)
{
    struct water_level level;

    if (water_level(problem, &level) < 0)
        return -ENOMEM;
    return (int)(1000 * level.load / level.capacity);
}
