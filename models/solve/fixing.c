/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/fixing.h"

#include <string.h>

#include "models/bound/kernels.h"
#include "models/bound/profile.h"

/* Whether the bin has a pattern within the limits that keeps this set of its own. */
static bool is_within(const struct pricing *pricing, int p, int state, int top,
                      const int64_t *limit)
{
    const struct windows *windows = pricing->windows;
    const int32_t *pool = pricing->pool + (int64_t)pricing->in->class_of[p] * pricing->max_cells;
    int s = pricing->own.weight[state], low = windows_low(windows, p, top);
    int high = windows_high(windows, p, top), t = windows_index(windows, p, low > s ? low : s);

    for (int x = low > s ? low : s; x <= high; x++) {
        int64_t value = (int64_t)pricing->own.cost[state] + pool[x - s];

        /* windows narrow towards the target and widen again */
        while (t > 0 && x >= windows_low(windows, p, t - 1) && x <= windows_high(windows, p, t - 1))
            t--;
        while (t < top && (x < windows_low(windows, p, t) || x > windows_high(windows, p, t)))
            t++;
        value += profile_charge(pricing, p, x, pricing->own.excess[state]);
        if (pool[x - s] < KERNEL_REACHED && value <= limit[t])
            return true;
    }
    return false;
}

static void look_at_bin(struct pricing *pricing, const int *duals, int p, int top,
                        const int64_t *limit, bool *may_leave)
{
    const struct instance *in = pricing->in;
    const int *own = in->own + in->own_first[p];
    int n_own = in->own_first[p + 1] - in->own_first[p];
    uint32_t leaving = 0;

    if (n_own == 0 || n_own > KEPT_SETS_FEW)
        return;
    kept_sets_fill(&pricing->own, p, duals, windows_high(pricing->windows, p, top));
    for (int z = 0; z < pricing->own.n; z++)
        if (~pricing->own.kept[z] & ~leaving && is_within(pricing, p, z, top, limit))
            leaving |= ~pricing->own.kept[z];
    for (int k = 0; k < n_own; k++)
        if (!(leaving >> k & 1))
            may_leave[own[k]] = false;
}

/* ---- Bins with many of their own, whose pools are by halves ---- */

/* Whether the row, with what it costs on top, has a load within the limits. */
static bool row_is_within(const struct pricing *pricing, int p, const int32_t *row, int32_t more,
                          int top, const int64_t *limit)
{
    const struct windows *windows = pricing->windows;
    int low = windows_low(windows, p, top), high = windows_high(windows, p, top);
    int t = windows_index(windows, p, low);

    for (int x = low; x <= high; x++) {
        while (t > 0 && x >= windows_low(windows, p, t - 1) && x <= windows_high(windows, p, t - 1))
            t--;
        while (t < top && (x < windows_low(windows, p, t) || x > windows_high(windows, p, t)))
            t++;
        if (row[x] < KERNEL_REACHED &&
            (int64_t)row[x] + more + profile_charge(pricing, p, x, 0) <= limit[t])
            return true;
    }
    return false;
}

struct leaving {
    struct pricing *pricing;
    const int *duals;
    int top;
    const int64_t *limit;
    bool *may_leave;
    int bin;
};

/* What the bin pays where it sends one of its own away: the others on top of the pool. */
static void look_at_one(void *arg, int leaver, const int32_t *row)
{
    const struct leaving *of = arg;

    of->may_leave[leaver] = row_is_within(of->pricing, of->bin, row, of->duals[leaver], of->top,
                                          of->limit + (int64_t)of->bin * (of->top + 1));
}

static void look_at_many(void *arg, int p, const struct pool *pool)
{
    struct leaving *of = arg;
    struct pricing *pricing = of->pricing;
    int high = windows_high(pricing->windows, p, of->top);

    of->bin = p;
    if (high >= 0 && kept_sets_has_many(&pricing->own, p))
        pricing->work->kcells += kept_sets_each_away(&pricing->own, p, of->duals, pool->least, high,
                                                     of->may_leave, look_at_one, of) /
                                 1000;
}

void fixing_leavers(struct pricing *pricing, const int *duals, int top, const int64_t *limit,
                    bool *may_leave)
{
    for (int p = 0; p < pricing->in->m; p++)
        look_at_bin(pricing, duals, p, top, limit + (int64_t)p * (top + 1), may_leave);
    if (pricing->by_halves) {
        struct leaving of = {pricing, duals, top, limit, may_leave, -1};

        for (int kind = 0; kind < pricing->in->n_classes; kind++)
            pricing->work->kcells += pool_halves_walk(&pricing->halves, duals, kind,
                                                      pricing_cells(pricing), look_at_many, &of) /
                                     1000;
    }
}

int fixing_entrants(struct pricing *pricing, const int *duals, int kind, int cells, int64_t slack,
                    const bool *may_leave, int *ret)
{
    const struct instance *in = pricing->in;
    const int32_t *pool = pricing_pool(pricing, duals, kind, cells);
    int n = 0;

    for (int i = 0; i < in->n; i++) {
        int64_t enter = pool_entering_cost(in, kind, duals, i) - slack;
        int w = in->weight[i], s = w;

        if (!pool_may_enter(in, kind, i) || (may_leave && !may_leave[i]))
            continue;
        while (s < cells && enter + pool[s - w] > pool[s])
            s++;
        if (s < cells)
            ret[n++] = i;
    }
    return n;
}
