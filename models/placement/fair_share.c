/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/fair_share.h"

#include <errno.h>

#include "models/base/whole.h"
#include "models/placement/water_level.h"

static int greatest_common_divisor(int a, int b)
{
    while (b) {
        int rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static int capacity_of(const struct placement_problem *problem, int p)
{
    return problem->capacity_permille ? problem->capacity_permille[p] : 1000;
}

static void fill_bins(struct balance *balance, const struct water_level *level)
{
    const struct placement_problem *problem = balance->problem;
    int divisor = 0;

    for (int p = 0; p < balance->m; p++)
        divisor = greatest_common_divisor(capacity_of(problem, p), divisor);
    for (int p = 0; p < balance->m; p++) {
        int cut = water_level_cut_permille(level, capacity_of(problem, p));

        balance->share[p] = capacity_of(problem, p) / divisor;
        if (problem->background_permille)
            balance->background[p] = min_int(problem->background_permille[p], cut);
        balance->parts += balance->share[p];
        balance->total += balance->background[p];
    }
}

static void fill_weights(struct balance *balance, const struct water_level *level)
{
    const struct placement_problem *problem = balance->problem;
    int largest = 0, cut;

    for (int p = 0; p < balance->m; p++)
        largest = max_int(largest, capacity_of(problem, p));
    cut = water_level_cut_permille(level, largest);
    for (int i = 0; i < balance->n; i++) {
        balance->weight[i] = min_int(problem->demand_permille[i], cut);
        balance->total += balance->weight[i];
    }
}

int balance_new(const struct placement_problem *problem, struct balance *ret)
{
    struct balance balance = {
        .problem = problem, .n = (int)problem->n_items, .m = (int)problem->n_bins};
    struct arena *arena = &balance.arena;
    struct water_level level;
    int r = water_level(problem, &level);

    if (r < 0)
        return r;
    balance.weight = arena_take(arena, problem->n_items, sizeof(int));
    balance.background = arena_take(arena, problem->n_bins, sizeof(int));
    balance.share = arena_take(arena, problem->n_bins, sizeof(int));
    balance.target = arena_take(arena, problem->n_bins, sizeof(int64_t));
    if (arena_error(arena) < 0) {
        balance_done(&balance);
        return -ENOMEM;
    }
    fill_bins(&balance, &level);
    fill_weights(&balance, &level);
    for (int p = 0; p < balance.m; p++)
        balance.target[p] = balance.share[p] * balance.total;
    *ret = balance;
    return 0;
}

void balance_done(struct balance *balance)
{
    arena_done(&balance->arena);
}

void balance_loads(const struct balance *balance, const int *bin_of, int64_t *ret)
{
    for (int p = 0; p < balance->m; p++)
        ret[p] = balance->background[p];
    for (int i = 0; i < balance->n; i++)
        if (bin_of[i] >= 0)
            ret[bin_of[i]] += balance->weight[i];
}
