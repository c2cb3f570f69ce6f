/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/measure.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>

int measure_new(const struct items *items, const int *at, struct measure *ret)
{
    int *demand;
    int r;

    *ret = (struct measure){.items = items};
    demand = arena_take(&ret->arena, (size_t)items->n, sizeof(*demand));
    ret->load = arena_take(&ret->arena, (size_t)items->m, sizeof(*ret->load));
    r = arena_error(&ret->arena);
    if (r == 0) {
        for (int i = 0; i < items->n; i++)
            demand[i] = at[i] < 0 ? 0 : items->load[i];
        ret->problem = (struct placement_problem){.n_items = (size_t)items->n,
                                                  .n_bins = (size_t)items->m,
                                                  .demand_permille = demand,
                                                  .capacity_permille = items->capacity,
                                                  .objective = PLACEMENT_DEVIATION,
                                                  .kappa = 1};
        ret->balance.scale = 1; /* no bin deviates */
        if (items->m > 0)
            r = balance_new(&ret->problem, &ret->balance);
    }
    if (r < 0)
        arena_done(&ret->arena);
    return r;
}

void measure_done(struct measure *measure)
{
    balance_done(&measure->balance);
    arena_done(&measure->arena);
}

double measure_cut_pct(struct measure *measure, const int *at, const int *group_of, int group)
{
    int64_t most = 0;

    balance_loads(&measure->balance, at, measure->load);
    for (int p = 0; p < measure->items->m; p++)
        if (!group_of || group_of[p] == group)
            most = max64(most, balance_deviation(&measure->balance, p, measure->load[p]));
    return (double)most / (double)measure->balance.scale;
}

int64_t measure_cost(const struct items *items, const int *at)
{
    int64_t cost = 0;

    for (int i = 0; i < items->n; i++)
        cost += at[i] < 0 ? 0 : items_price(items, i, at[i]);
    return cost;
}

size_t measure_moves(const struct items *items, const int *at)
{
    size_t moves = 0;

    for (int i = 0; i < items->n; i++)
        moves += at[i] < 0 ? 0 : (size_t)items_moves(items, i, at[i]);
    return moves;
}

double measure_objective(struct measure *measure, const int *at, double kappa)
{
    return kappa * measure_cut_pct(measure, at, NULL, 0) + (double)measure_cost(measure->items, at);
}

static double load_on(const struct fleet *fleet, const int *host_of, size_t host)
{
    double load = 0;

    for (size_t i = 0; i < fleet->n_guests; i++)
        if (host_of[i] == (int)host)
            load += (double)fleet->guests[i].load_milli;
    return load;
}

struct fleet_deviation measure_plain(const struct fleet *fleet, const int *host_of)
{
    struct fleet_deviation deviation = {.host = 0};
    double load = 0, cpu = 0;

    for (size_t p = 0; p < fleet->n_hosts; p++)
        if (fleet->hosts[p].is_open)
            cpu += (double)fleet->hosts[p].cpu_milli;
    for (size_t i = 0; i < fleet->n_guests; i++)
        if (host_of[i] >= 0 && fleet->hosts[host_of[i]].is_open)
            load += (double)fleet->guests[i].load_milli;
    for (size_t p = 0; p < fleet->n_hosts; p++) {
        double off;

        if (!fleet->hosts[p].is_open)
            continue;
        off =
            100 * fabs(load_on(fleet, host_of, p) / (double)fleet->hosts[p].cpu_milli - load / cpu);
        if (off > deviation.plain_pct) {
            deviation.plain_pct = off;
            deviation.host = p;
        }
    }
    return deviation;
}
