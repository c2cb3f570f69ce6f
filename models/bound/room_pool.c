/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/room_pool.h"

#include <string.h>

#include "models/base/whole.h"
#include "models/bound/kernels.h"
#include "models/bound/pool.h"

/* Rows at most: with more the unit is coarser than the common one. */
enum { MOST_ROWS = 512 };

static int common_divisor(int a, int b)
{
    while (b > 0) {
        int rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

static int most_room(const struct instance *in)
{
    int most = 0;

    for (int p = 0; p < in->m; p++)
        most = max_int(most, rules_room(&in->rules, p, 0));
    return most;
}

/* The unit of sizes; rooms need not be whole ones. */
static int unit_of(const struct instance *in)
{
    int unit = 0, most = most_room(in);

    for (int i = 0; i < in->n; i++)
        unit = common_divisor(rules_size(&in->rules, i, 0), unit);
    unit = max_int(unit, 1);
    return most / unit < MOST_ROWS ? unit : most / MOST_ROWS + 1;
}

static int most_own(const struct instance *in)
{
    int most = 0;

    for (int p = 0; p < in->m; p++)
        most = max_int(most, in->own_first[p + 1] - in->own_first[p]);
    return most;
}

int64_t room_pool_bytes(const struct instance *in, int cells)
{
    int64_t row = cells, rows = most_room(in) / unit_of(in) + 1;

    return rows * row * (in->n_classes * (4 + (int64_t)in->n) + 8 + most_own(in) + in->n_classes);
}

int64_t room_pool_cells(const struct instance *in, int cells)
{
    int64_t rows = most_room(in) / unit_of(in) + 1;

    return rows * cells * in->n_classes * in->n;
}

int room_pool_new(const struct instance *in, int cells, struct arena *arena, struct room_pool *ret)
{
    int unit = unit_of(in), own = most_own(in);
    struct room_pool pool = {.in = in, .stride = cells, .rows = most_room(in) / unit + 1};
    size_t table = (size_t)pool.rows * (size_t)cells, kinds = (size_t)in->n_classes;

    pool.size = arena_take(arena, (size_t)in->n, sizeof(int));
    pool.room = arena_take(arena, (size_t)in->m, sizeof(int));
    pool.least = arena_take(arena, kinds * table, sizeof(int32_t));
    pool.taken = arena_take(arena, kinds * (size_t)in->n * table, 1);
    pool.is_filled = arena_take(arena, kinds, sizeof(bool));
    pool.spare = arena_take(arena, (size_t)cells, sizeof(int32_t));
    pool.layer = arena_take(arena, 2 * table, sizeof(int32_t));
    pool.kept = arena_take(arena, (size_t)own * table, 1);
    pool.is_needed = arena_take(arena, ((size_t)own + 1) * (size_t)pool.rows, sizeof(bool));
    *ret = pool;
    if (arena_error(arena) < 0)
        return arena_error(arena);
    for (int i = 0; i < in->n; i++)
        pool.size[i] = rules_size(&in->rules, i, 0) / unit;
    for (int p = 0; p < in->m; p++)
        pool.room[p] = max_int(0, rules_room(&in->rules, p, 0)) / unit;
    return 0;
}

void room_pool_turn(struct room_pool *pool)
{
    memset(pool->is_filled, 0, (size_t)pool->in->n_classes * sizeof(bool));
}

static int64_t table_of(const struct room_pool *pool)
{
    return (int64_t)pool->rows * pool->stride;
}

static uint8_t *taken_of(const struct room_pool *pool, int kind, int i)
{
    return pool->taken + ((int64_t)kind * pool->in->n + i) * table_of(pool);
}

/* One item more: from the fullest row down, so that it is in no set twice. */
static void take(struct room_pool *pool, int kind, int i, int32_t cost)
{
    int weight = pool->in->weight[i], size = pool->size[i], cells = pool->stride;
    int32_t *least = pool->least + kind * table_of(pool);
    uint8_t *taken = taken_of(pool, kind, i);

    memset(taken, 0, (size_t)min_int(size, pool->rows) * (size_t)cells);
    for (int b = pool->rows - 1; b >= size; b--) {
        int32_t *row = least + (int64_t)b * cells;
        const int32_t *from = least + (int64_t)(b - size) * cells;

        if (size == 0) {
            memcpy(pool->spare, row, (size_t)cells * sizeof(*row));
            from = pool->spare;
        }
        kernel_enter(row, from, taken + (int64_t)b * cells, weight, cost, cells);
    }
}

static int64_t fill(struct room_pool *pool, int kind, const int *duals)
{
    const struct instance *in = pool->in;
    int32_t *least = pool->least + kind * table_of(pool);
    int64_t cells = 0;

    for (int64_t k = 0; k < table_of(pool); k++)
        least[k] = k % pool->stride ? KERNEL_INFINITE : 0;
    for (int i = 0; i < in->n; i++) {
        if (!pool_may_enter(in, kind, i) || in->weight[i] >= pool->stride) {
            memset(taken_of(pool, kind, i), 0, (size_t)table_of(pool));
            continue;
        }
        take(pool, kind, i, pool_entering_cost(in, kind, duals, i));
        cells += (int64_t)max_int(0, pool->rows - pool->size[i]) * pool->stride;
    }
    pool->is_filled[kind] = true;
    return cells;
}

/* Which rows of each layer the fullest row of the last one is made of. */
static void find_needed(struct room_pool *pool, int p)
{
    const struct instance *in = pool->in;
    int first = in->own_first[p], n_own = in->own_first[p + 1] - first;
    size_t rows = (size_t)pool->rows;

    memset(pool->is_needed, 0, ((size_t)n_own + 1) * rows * sizeof(bool));
    pool->is_needed[(size_t)n_own * rows + (size_t)pool->room[p]] = true;
    for (int k = n_own - 1; k >= 0; k--) {
        const bool *after = pool->is_needed + (size_t)(k + 1) * rows;
        bool *before = pool->is_needed + (size_t)k * rows;
        int size = pool->size[in->own[first + k]];

        for (int b = 0; b < pool->rows; b++) {
            before[b] |= after[b];
            if (after[b] && b >= size)
                before[b - size] = true;
        }
    }
}

/* One own item more: kept or sent away. */
static void add_own(struct room_pool *pool, int k, int i, int32_t pay, const int32_t *before,
                    int32_t *after, int cells)
{
    const bool *is_needed = pool->is_needed + (int64_t)(k + 1) * pool->rows;

    for (int b = 0; b < pool->rows; b++) {
        int64_t at = (int64_t)b * pool->stride;
        bool fits = b >= pool->size[i] && pool->in->weight[i] < cells;
        int weight = fits ? pool->in->weight[i] : cells;

        if (is_needed[b])
            kernel_keep_from(after + at, before + at,
                             before + (fits ? at - (int64_t)pool->size[i] * pool->stride : at),
                             pool->kept + k * table_of(pool) + at, weight, pay,
                             instance_stay(pool->in, i), cells);
    }
}

int64_t room_pool_look(struct room_pool *pool, int p, const int *duals, int most,
                       const int32_t **ret)
{
    const struct instance *in = pool->in;
    int first = in->own_first[p], n_own = in->own_first[p + 1] - first, kind = in->class_of[p];
    int64_t cells = pool->is_filled[kind] ? 0 : fill(pool, kind, duals);
    const int32_t *row = pool->least + kind * table_of(pool);

    find_needed(pool, p);
    for (int k = 0; k < n_own; k++) {
        int32_t *after = pool->layer + (k % 2) * table_of(pool);

        add_own(pool, k, in->own[first + k], duals[in->own[first + k]], row, after, most + 1);
        row = after;
        for (int b = 0; b < pool->rows; b++)
            cells += pool->is_needed[(int64_t)(k + 1) * pool->rows + b] ? most + 1 : 0;
    }
    *ret = row + (int64_t)pool->room[p] * pool->stride;
    return cells;
}

int room_pool_members(const struct room_pool *pool, int p, int load, int *ret, int *ret_kept)
{
    const struct instance *in = pool->in;
    int first = in->own_first[p], b = pool->room[p], n = 0;

    for (int k = in->own_first[p + 1] - first - 1; k >= 0; k--) {
        int i = in->own[first + k];

        if (pool->kept[k * table_of(pool) + (int64_t)b * pool->stride + load]) {
            ret[n++] = i;
            load -= in->weight[i];
            b -= pool->size[i];
        }
    }
    *ret_kept = n;
    for (int i = in->n - 1; i >= 0; i--)
        if (taken_of(pool, in->class_of[p], i)[(int64_t)b * pool->stride + load]) {
            ret[n++] = i;
            load -= in->weight[i];
            b -= pool->size[i];
        }
    return n;
}
