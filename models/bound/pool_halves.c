/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/pool_halves.h"

#include <string.h>

#include "models/bound/kernels.h"

/* Where the walk calls. */
struct visitor {
    void (*visit)(void *arg, int p, const struct pool *pool);
    void *arg;
};

/* Steps from all bins of a class to one, the first included. */
static int depth_of(const struct instance *in)
{
    int depth = 1;

    while (1 << (depth - 1) < in->m)
        depth++;
    return depth;
}

int64_t pool_halves_bytes(const struct instance *in, int64_t cells)
{
    return cells * (2 * depth_of(in) + 1) * (int64_t)sizeof(int32_t);
}

int pool_halves_new(const struct instance *in, int stride, uint8_t *taken, struct arena *arena,
                    struct pool_halves *ret)
{
    struct pool_halves halves = {.in = in, .stride = stride, .taken = taken, .depth = depth_of(in)};
    size_t rows = 2 * (size_t)halves.depth + 1;

    halves.rows = arena_take(arena, rows * (size_t)stride, sizeof(int32_t));
    halves.bins = arena_take(arena, (size_t)in->m, sizeof(int));
    halves.order = arena_take(arena, (size_t)in->n, sizeof(int));
    *ret = halves;
    return arena_error(arena);
}

/* Takes an item in on top of a row, into one of the two rows of the step. */
static int32_t *take(struct pool_halves *halves, int i, int32_t *row, int step)
{
    const struct instance *in = halves->in;
    int32_t *even = halves->rows + 2 * (int64_t)step * halves->stride, *after;

    if (!pool_may_enter(in, halves->kind, i) || in->weight[i] >= halves->cells)
        return row;
    after = row == even ? even + halves->stride : even;
    kernel_take(after, row, halves->taken + (int64_t)i * halves->stride, in->weight[i],
                pool_entering_cost(in, halves->kind, halves->duals, i), halves->cells);
    halves->order[halves->n_order++] = i;
    halves->touched += halves->cells;
    return after;
}

/* The own items of some bins of the class. */
static int32_t *take_own(struct pool_halves *halves, int first, int end, int32_t *row, int step)
{
    const struct instance *in = halves->in;

    for (int b = first; b < end; b++)
        for (int k = in->own_first[halves->bins[b]]; k < in->own_first[halves->bins[b] + 1]; k++)
            row = take(halves, in->own[k], row, step);
    return row;
}

static void call(const struct pool_halves *halves, int p, int32_t *row, const struct visitor *to)
{
    const struct pool pool = {.in = halves->in,
                              .stride = halves->stride,
                              .least = row,
                              .taken = halves->taken,
                              .order = halves->order,
                              .n_order = halves->n_order};

    to->visit(to->arg, p, &pool);
}

/* The row holds everybody but the own items of bins first .. end - 1. */
static void walk(struct pool_halves *halves, int first, int end, int32_t *row, int step,
                 const struct visitor *to)
{
    int middle = first + (end - first + 1) / 2, n_order = halves->n_order;

    if (end - first == 1) {
        call(halves, halves->bins[first], row, to);
        return;
    }
    walk(halves, first, middle, take_own(halves, middle, end, row, step), step + 1, to);
    halves->n_order = n_order;
    walk(halves, middle, end, take_own(halves, first, middle, row, step), step + 1, to);
    halves->n_order = n_order;
}

static int list_bins(struct pool_halves *halves)
{
    int n = 0;

    for (int p = 0; p < halves->in->m; p++)
        if (halves->in->class_of[p] == halves->kind)
            halves->bins[n++] = p;
    return n;
}

int64_t pool_halves_walk(struct pool_halves *halves, const int *duals, int kind, int cells,
                         void (*visit)(void *arg, int p, const struct pool *pool), void *arg)
{
    const struct instance *in = halves->in;
    int32_t *empty = halves->rows + 2 * (int64_t)halves->depth * halves->stride;
    int32_t *row = empty;
    const struct visitor to = {visit, arg};

    halves->duals = duals;
    halves->kind = kind;
    halves->cells = cells;
    halves->touched = 0;
    halves->n_order = 0;
    for (int s = 0; s < cells; s++)
        empty[s] = s ? KERNEL_INFINITE : 0;
    for (int i = 0; i < in->n; i++)
        if (in->home[i] < 0 || in->class_of[in->home[i]] != kind)
            row = take(halves, i, row, 0);
    walk(halves, 0, list_bins(halves), row, 1, &to);
    return halves->touched;
}
