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

void fixing_leavers(struct pricing *pricing, const int *duals, int top, const int64_t *limit,
                    bool *may_leave)
{
    for (int p = 0; p < pricing->in->m; p++)
        look_at_bin(pricing, duals, p, top, limit + (int64_t)p * (top + 1), may_leave);
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

void fixing_prefixes(const struct pricing *pricing, const int *duals, int kind, const int *items,
                     int n_items, int cells, int32_t *ret)
{
    const struct instance *in = pricing->in;

    for (int s = 0; s < cells; s++)
        ret[s] = s ? KERNEL_INFINITE : 0;
    for (int k = 0; k < n_items; k++, ret += cells) {
        int i = items[k];

        if (in->weight[i] >= cells)
            memcpy(ret + cells, ret, (size_t)cells * sizeof(*ret));
        else
            kernel_take(ret + cells, ret, pricing->taken, in->weight[i],
                        pool_entering_cost(in, kind, duals, i), cells);
    }
}
