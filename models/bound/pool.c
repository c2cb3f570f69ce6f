/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/pool.h"

#include <string.h>

#include "models/bound/kernels.h"

int32_t pool_entering_cost(const struct instance *in, int kind, const int *duals, int i)
{
    return in->class_price[(int64_t)kind * in->n + i] * in->price_scale - duals[i];
}

bool pool_may_enter(const struct instance *in, int kind, int i)
{
    return in->class_price[(int64_t)kind * in->n + i] != INSTANCE_FORBIDDEN;
}

void pool_fill(const struct pool *pool, const int *duals, int kind, int without, int cells)
{
    const struct instance *in = pool->in;
    int32_t *row = pool->least, *after = pool->spare, *swap;

    for (int s = 1; s < cells; s++)
        row[s] = KERNEL_INFINITE;
    row[0] = 0;
    for (int i = 0; i < in->n; i++) {
        uint8_t *taken = pool->taken + (int64_t)i * pool->stride;

        if (!pool_may_enter(in, kind, i) || (without >= 0 && in->home[i] == without) ||
            in->weight[i] >= cells) {
            memset(taken, 0, (size_t)cells);
            continue;
        }
        kernel_take(after, row, taken, in->weight[i], pool_entering_cost(in, kind, duals, i),
                    cells);
        swap = row;
        row = after;
        after = swap;
    }
    if (row != pool->least)
        memcpy(pool->least, row, (size_t)cells * sizeof(*row));
}

/* A queue of candidates. */
void pool_fill_floor(const struct pool *pool, int width, int cells)
{
    int *queue = pool->queue, first = 0, n = 0;

    for (int x = 0; x < cells; x++) {
        while (n > first && pool->least[queue[n - 1]] >= pool->least[x])
            n--;
        queue[n++] = x;
        while (queue[first] <= x - width)
            first++;
        pool->floor[x] = pool->least[queue[first]];
    }
}
