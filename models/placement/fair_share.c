/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/fair_share.h"

#include <errno.h>
#include <limits.h>

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

static void fill_units(struct balance *balance)
{
    const struct placement_problem *problem = balance->problem;

    for (int p = 0; p < balance->m; p++)
        balance->unit[p] =
            problem->objective == PLACEMENT_DEVIATION ? placement_unit(problem, (size_t)p) : 1;
    balance->scale = 10 * balance->parts;
    if (problem->objective == PLACEMENT_DEVIATION && placement_has_unequal_bins(problem))
        balance->scale *= PLACEMENT_UNIT;
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

/* Less overload than the first cannot be told from none. An item or a background is heavy if the cut
 * hides as much as the second of it, and it takes more than half a bin: two of them overload any. Only beside a heavy one is overload hidden: elsewhere it is a
 * deviation, so there it counts beyond half a bin only. */
enum {
    OVERLOAD_MARGIN_PERMILLE = 10,
    HEAVY_PERMILLE = 50,
    SEEN_PERMILLE = 500,
    CRUMB_PERMILLE = 20
};

/* What a bin can hold before it is overloaded. */
static int limit_of(const struct balance *balance, const struct water_level *level, int p)
{
    int capacity = capacity_of(balance->problem, p);

    return max_int(capacity + OVERLOAD_MARGIN_PERMILLE, water_level_cut_permille(level, capacity));
}

/* The only bin where an item may be, or -1. */
static int only_bin(const struct placement_problem *problem, size_t i)
{
    int only = -1;

    for (size_t p = 0; p < problem->n_bins; p++) {
        if (!placement_may_run(problem, i, p))
            continue;
        if (only >= 0)
            return -1;
        only = (int)p;
    }
    return only;
}

/* Crumbs that cannot be swept away are no overload: nobody moves a heavy item for them. */
static void spare_crumbs(struct balance *balance)
{
    const struct placement_problem *problem = balance->problem;

    for (int i = 0; i < balance->n && balance->m > 1; i++) {
        int p = balance->weight[i] <= CRUMB_PERMILLE ? only_bin(problem, (size_t)i) : -1;

        if (p >= 0)
            balance->spare[p] += balance->weight[i];
    }
}

/* Whether anything is heavy. */
static bool fill_overload(struct balance *balance, const struct water_level *level)
{
    const struct placement_problem *problem = balance->problem;
    bool any_heavy = false;
    int room = 0, most = 0;

    for (int p = 0; p < balance->m; p++)
        most = max_int(most, limit_of(balance, level, p));
    for (int p = 0; p < balance->m; p++) {
        int limit = limit_of(balance, level, p), beside = balance->background[p], hidden;
        bool is_heavy;

        if (problem->background_permille)
            beside = min_int(problem->background_permille[p], limit);
        hidden = beside - balance->background[p];
        is_heavy = hidden >= HEAVY_PERMILLE && 2 * beside > most;
        balance->spare[p] = limit - hidden + (is_heavy ? 0 : SEEN_PERMILLE);
        any_heavy |= is_heavy;
        room = max_int(room, limit - beside);
    }
    for (int i = 0; i < balance->n; i++) {
        int counts = min_int(problem->demand_permille[i], room);
        int hidden = counts - balance->weight[i];
        bool is_heavy = hidden >= HEAVY_PERMILLE && 2 * counts > most;

        balance->excess[i] = is_heavy ? hidden + SEEN_PERMILLE : 0;
        any_heavy |= is_heavy;
    }
    spare_crumbs(balance);
    return any_heavy;
}

static void count_no_overload(struct balance *balance)
{
    for (int i = 0; i < balance->n; i++)
        balance->excess[i] = 0;
    for (int p = 0; p < balance->m; p++)
        balance->spare[p] = INT_MAX;
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
    balance.unit = arena_take(arena, problem->n_bins, sizeof(int64_t));
    balance.target = arena_take(arena, problem->n_bins, sizeof(int64_t));
    balance.excess = arena_take(arena, problem->n_items, sizeof(int));
    balance.spare = arena_take(arena, problem->n_bins, sizeof(int));
    if (arena_error(arena) < 0 || groups_new(problem, arena, &balance.groups) < 0) {
        balance_done(&balance);
        return -ENOMEM;
    }
    fill_bins(&balance, &level);
    fill_units(&balance);
    fill_weights(&balance, &level);
    balance.has_overload = problem->overload_cost > 0 && fill_overload(&balance, &level);
    if (!balance.has_overload)
        count_no_overload(&balance);
    for (int p = 0; p < balance.m; p++)
        balance.target[p] = balance.unit[p] * balance.share[p] * balance.total;
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

void balance_excesses(const struct balance *balance, const int *bin_of, int64_t *ret)
{
    for (int p = 0; p < balance->m; p++)
        ret[p] = 0;
    for (int i = 0; i < balance->n; i++)
        if (bin_of[i] >= 0)
            ret[bin_of[i]] += balance->excess[i];
}
