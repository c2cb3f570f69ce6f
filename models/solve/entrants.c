/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/entrants.h"

#include <string.h>

#include "models/bound/kernels.h"

int entrants_find(struct pricing *pricing, const int *prices, int kind, int cells, int64_t slack,
                  const bool *may_leave, int *ret)
{
    const struct instance *in = pricing->in;
    const int32_t *pool = pricing_pool(pricing, prices, kind, cells);
    int n = 0;

    for (int i = 0; i < in->n; i++) {
        int64_t enter = pricing_entering_cost(pricing, kind, prices, i) - slack;
        int w = in->weight[i], s = w;

        if (!pricing_may_enter(pricing, kind, i) || (may_leave && !may_leave[i]))
            continue;
        while (s < cells && enter + pool[s - w] > pool[s])
            s++;
        if (s < cells)
            ret[n++] = i;
    }
    return n;
}

void entrants_prefixes(const struct pricing *pricing, const int *prices, int kind, const int *items,
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
                        pricing_entering_cost(pricing, kind, prices, i), cells);
    }
}
