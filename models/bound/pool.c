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

/* In the rows of `taken`: an item alone is in or not. Of a crowd, the first that is in has FIRST, others
 * BESIDE, and where nobody is, the row of its last item has NOBODY. */
enum { FIRST = 1, BESIDE = 2, NOBODY = 4 };

struct filling {
    const struct pool *pool;
    const int *duals;
    int kind, cells;
    struct pool_bin own;
    int32_t *row, *after; /* over the items so far, and room for the next */
};

static void swap(int32_t **a, int32_t **b)
{
    int32_t *c = *a;

    *a = *b;
    *b = c;
}

static uint8_t *taken_of(const struct pool *pool, int i)
{
    return pool->taken + (int64_t)i * pool->stride;
}

/* Whether it may be in the set. */
static bool takes_part(const struct filling *f, int i)
{
    const struct instance *in = f->pool->in;
    bool is_own = f->own.bin >= 0 && in->home[i] == f->own.bin;

    if ((is_own ? f->own.keeps : pool_may_enter(in, f->kind, i)) && in->weight[i] < f->cells)
        return true;
    memset(taken_of(f->pool, i), 0, (size_t)f->cells);
    return false;
}

static int32_t cost_of(const struct filling *f, int i)
{
    const struct instance *in = f->pool->in;

    if (f->own.bin >= 0 && in->home[i] == f->own.bin)
        return instance_stay(in, i) - f->duals[i];
    return pool_entering_cost(in, f->kind, f->duals, i);
}

static void add_item(struct filling *f, int i)
{
    const struct instance *in = f->pool->in;

    if (!takes_part(f, i))
        return;
    kernel_take(f->after, f->row, taken_of(f->pool, i), in->weight[i], cost_of(f, i), f->cells);
    swap(&f->row, &f->after);
}

/* The items of one crowd; how many. */
static int add_crowd(struct filling *f, const int *items, int n)
{
    const struct pool *pool = f->pool;
    const struct instance *in = pool->in;
    int32_t *some = pool->spare + pool->stride, *next = some + pool->stride;
    int32_t beside = in->problem->together_cost * in->price_scale;
    int k;

    for (int s = 0; s < f->cells; s++)
        some[s] = KERNEL_INFINITE;
    for (k = 0; k < n && in->crowd[items[k]] == in->crowd[items[0]]; k++) {
        if (!takes_part(f, items[k]))
            continue;
        kernel_join(next, some, f->row, taken_of(pool, items[k]), in->weight[items[k]],
                    cost_of(f, items[k]), beside, f->cells);
        swap(&some, &next);
    }
    kernel_choose(f->after, f->row, some, taken_of(pool, items[k - 1]), f->cells);
    swap(&f->row, &f->after);
    return k;
}

void pool_fill(const struct pool *pool, const int *duals, int kind, struct pool_bin own, int cells)
{
    const struct instance *in = pool->in;
    int alone = in->n - in->n_crowded;
    struct filling f = {.pool = pool,
                        .duals = duals,
                        .kind = kind,
                        .own = own,
                        .cells = cells,
                        .row = pool->least,
                        .after = pool->spare};

    for (int s = 1; s < cells; s++)
        f.row[s] = KERNEL_INFINITE;
    f.row[0] = 0;
    for (int k = 0; k < alone; k++)
        add_item(&f, in->by_crowd[k]);
    for (int k = alone; k < in->n;)
        k += add_crowd(&f, in->by_crowd + k, in->n - k);
    if (f.row != pool->least)
        memcpy(pool->least, f.row, (size_t)cells * sizeof(*f.row));
}

int pool_members(const struct pool *pool, int weight, int *ret)
{
    const struct instance *in = pool->in;
    const int *order = pool->order ? pool->order : in->by_crowd;
    int skipped = -1, last = -1, n = 0;

    for (int k = (pool->order ? pool->n_order : in->n) - 1; k >= 0; k--) {
        int i = order[k], crowd = in->crowd[i], how;

        if (crowd >= 0 && crowd == skipped)
            continue;
        how = taken_of(pool, i)[weight];
        if (crowd >= 0 && crowd != last && how & NOBODY) {
            skipped = crowd;
            continue;
        }
        last = crowd;
        if (!(how & (FIRST | BESIDE)))
            continue;
        ret[n++] = i;
        weight -= in->weight[i];
        if (crowd >= 0 && how & FIRST)
            skipped = crowd;
    }
    return n;
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
