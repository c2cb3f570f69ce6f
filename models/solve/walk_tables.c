/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/walk_tables.h"

#include <string.h>

#include "models/base/whole.h"
#include "models/bound/kernels.h"

static int most_own(const struct instance *in)
{
    int most = 0;

    for (int p = 0; p < in->m; p++)
        most = max_int(most, in->own_first[p + 1] - in->own_first[p]);
    return most;
}

/* Fine enough that no cell with all items in it counts as out of reach. */
static int unit_of_sizes(const struct instance *in)
{
    int64_t sum = 0;

    for (int i = 0; i < in->n; i++)
        sum += rules_size(&in->rules, i, 0);
    return (int)(sum / KERNEL_REACHED) + 1;
}

int walk_tables_new(const struct instance *in, int cells, struct arena *arena,
                    struct walk_tables *ret)
{
    size_t entering = ((size_t)in->n + 1) * (size_t)cells;
    size_t keeping = ((size_t)most_own(in) + 1) * (size_t)cells;
    struct walk_tables tables = {.in = in, .cells = cells};

    tables.pool = arena_take(arena, entering, sizeof(int32_t));
    tables.kept = arena_take(arena, keeping, sizeof(int32_t));
    tables.enter = arena_take(arena, (size_t)in->n, sizeof(int32_t));
    tables.taken = arena_take(arena, (size_t)cells, 1);
    if (in->rules.n_rooms > 0) {
        tables.unit = unit_of_sizes(in);
        tables.pool_lightest = arena_take(arena, entering, sizeof(int32_t));
        tables.lightest = arena_take(arena, keeping, sizeof(int32_t));
    }
    *ret = tables;
    return arena_error(arena);
}

static void begin(int32_t *row, int cells)
{
    for (int s = 0; s < cells; s++)
        row[s] = s ? KERNEL_INFINITE : 0;
}

static void take(struct walk_tables *tables, int32_t *row, int i, int32_t cost)
{
    int cells = tables->cells, weight = tables->in->weight[i];

    if (weight >= cells)
        memcpy(row + cells, row, (size_t)cells * sizeof(*row));
    else
        kernel_take(row + cells, row, tables->taken, weight, cost, cells);
}

void walk_tables_enter(struct walk_tables *tables, const int *duals, int kind, const int *entrants,
                       int n_entrants)
{
    int cells = tables->cells;

    begin(tables->pool, cells);
    for (int k = 0; k < n_entrants; k++) {
        tables->enter[k] = pool_entering_cost(tables->in, kind, duals, entrants[k]);
        take(tables, walk_row(tables->pool, cells, k), entrants[k], tables->enter[k]);
    }
    if (!tables->pool_lightest)
        return;
    begin(tables->pool_lightest, cells);
    for (int k = 0; k < n_entrants; k++)
        take(tables, walk_row(tables->pool_lightest, cells, k), entrants[k],
             rules_size(&tables->in->rules, entrants[k], 0) / tables->unit);
}

/* One item kept or sent away. */
static void keep(const struct walk_tables *tables, int32_t *row, int i, int32_t stay, int32_t pay)
{
    int w = tables->in->weight[i], cells = tables->cells;

    for (int s = 0; s < cells; s++) {
        int32_t sent = row[s] >= KERNEL_REACHED ? KERNEL_INFINITE : row[s] + pay;
        int32_t stays = s >= w ? row[s - w] + stay : KERNEL_INFINITE;

        row[cells + s] = min_int(stays, sent);
    }
}

int walk_tables_keep(struct walk_tables *tables, const int *duals, int bin)
{
    const struct instance *in = tables->in;
    const int *own = in->own + in->own_first[bin];
    int n_own = in->own_first[bin + 1] - in->own_first[bin], cells = tables->cells;

    begin(tables->kept, cells);
    for (int k = 0; k < n_own; k++)
        keep(tables, walk_row(tables->kept, cells, k), own[k], instance_stay(in, own[k]),
             duals[own[k]]);
    if (!tables->lightest)
        return n_own;
    begin(tables->lightest, cells);
    for (int k = 0; k < n_own; k++)
        keep(tables, walk_row(tables->lightest, cells, k), own[k],
             rules_size(&in->rules, own[k], 0) / tables->unit, 0);
    return n_own;
}
