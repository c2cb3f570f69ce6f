/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/kept_sets.h"

#include <errno.h>
#include <string.h>

#include "models/bound/kernels.h"
#include "models/bound/patterns.h"

static int count_own(const struct instance *in, int p)
{
    return in->own_first[p + 1] - in->own_first[p];
}

static int most_own(const struct instance *in)
{
    int most = 0;

    for (int p = 0; p < in->m; p++)
        most = count_own(in, p) > most ? count_own(in, p) : most;
    return most;
}

/* Rows by which so many items are halved down to one; few never are. */
static int rows_of_halves(int n)
{
    int rows = 0;

    for (int left = n; n > KEPT_SETS_FEW && left > 1; left = (left + 1) / 2)
        rows += 2;
    return rows;
}

int64_t kept_sets_bytes(const struct instance *in)
{
    return most_own(in) + rows_of_halves(most_own(in)) * (int64_t)sizeof(int32_t);
}

int kept_sets_new(const struct instance *in, int cells, struct arena *arena, struct kept_sets *ret)
{
    struct kept_sets sets = {.in = in, .cells = cells, .bin = -1};
    int most = most_own(in), states = cells > 1 << KEPT_SETS_FEW ? cells : 1 << KEPT_SETS_FEW;
    size_t rows = (size_t)rows_of_halves(most);

    sets.weight = arena_take(arena, (size_t)states, sizeof(int));
    sets.cost = arena_take(arena, (size_t)states, sizeof(int32_t));
    sets.excess = arena_take(arena, (size_t)states, sizeof(int));
    sets.kept = arena_take(arena, 1 << KEPT_SETS_FEW, sizeof(uint32_t));
    sets.choice = arena_take(arena, most > KEPT_SETS_FEW ? (size_t)most * (size_t)cells : 0, 1);
    sets.row = arena_take(arena, (size_t)cells, sizeof(int32_t));
    sets.spare = arena_take(arena, (size_t)cells, sizeof(int32_t));
    sets.halves = arena_take(arena, rows * (size_t)cells, sizeof(int32_t));
    if (!sets.weight || !sets.cost || !sets.excess || !sets.kept || !sets.choice || !sets.row ||
        !sets.spare || !sets.halves)
        return -ENOMEM;
    *ret = sets;
    return 0;
}

/* Doubling: each item splits every state into kept and sent away. */
static void fill_few(struct kept_sets *sets, const int *own, int n_own, const int *duals, int most)
{
    int least = patterns_least_excess(sets->in, sets->bin);

    sets->excess[0] = 0;
    sets->n = 1;
    sets->weight[0] = 0;
    sets->cost[0] = 0;
    sets->kept[0] = 0;
    for (int k = 0; k < n_own; k++) {
        int before = sets->n, weight = sets->in->weight[own[k]];

        for (int z = 0; z < before; z++) {
            if (sets->weight[z] + weight <= most) {
                sets->weight[sets->n] = sets->weight[z] + weight;
                sets->cost[sets->n] = sets->cost[z] + instance_stay(sets->in, own[k]);
                sets->excess[sets->n] = sets->in->excess[own[k]] > 0 ? least : sets->excess[z];
                sets->kept[sets->n++] = sets->kept[z] | UINT32_C(1) << k;
            }
            sets->cost[z] += duals[own[k]];
        }
    }
}

/* Own items one by one on top of sets->row. Returns the row that all of them make. */
static const int32_t *add_own(struct kept_sets *sets, const int *own, int n_own, const int *duals,
                              int cells)
{
    int32_t *row = sets->row, *after = sets->spare, *swap;

    for (int k = 0; k < n_own; k++) {
        int weight = sets->in->weight[own[k]];
        uint8_t *choice = sets->choice + (int64_t)k * sets->cells;

        kernel_keep(after, row, choice, weight < cells ? weight : cells, duals[own[k]],
                    instance_stay(sets->in, own[k]), cells);
        swap = row;
        row = after;
        after = swap;
    }
    return row;
}

static int64_t fill_many(struct kept_sets *sets, const int *own, int n_own, const int *duals,
                         int most)
{
    int cells = most + 1;
    const int32_t *row;

    for (int s = 0; s < cells; s++)
        sets->row[s] = s ? KERNEL_INFINITE : 0;
    row = add_own(sets, own, n_own, duals, cells);
    sets->n = 0;
    for (int s = 0; s < cells; s++) {
        if (row[s] >= KERNEL_REACHED)
            continue;
        sets->weight[sets->n] = s;
        sets->excess[sets->n] = 0;
        sets->cost[sets->n++] = row[s];
    }
    return (int64_t)n_own * cells;
}

int64_t kept_sets_fill(struct kept_sets *sets, int p, const int *duals, int most)
{
    const int *own = sets->in->own + sets->in->own_first[p];
    int n_own = count_own(sets->in, p);

    sets->bin = p;
    sets->n = 0;
    if (most < 0)
        return 0;
    if (n_own > KEPT_SETS_FEW)
        return fill_many(sets, own, n_own, duals, most);
    fill_few(sets, own, n_own, duals, most);
    return 0;
}

void kept_sets_send_all(struct kept_sets *sets, int p, const int *duals)
{
    const struct instance *in = sets->in;

    sets->bin = p;
    sets->n = 1;
    sets->weight[0] = sets->cost[0] = sets->excess[0] = 0;
    sets->kept[0] = 0;
    for (int k = in->own_first[p]; k < in->own_first[p + 1]; k++)
        sets->cost[0] += duals[in->own[k]];
}

bool kept_sets_has_many(const struct kept_sets *sets, int p)
{
    return count_own(sets->in, p) > KEPT_SETS_FEW;
}

int64_t kept_sets_add_many(struct kept_sets *sets, int p, const int *duals, const int32_t *pool,
                           int most, const int32_t **ret)
{
    int n_own = count_own(sets->in, p);

    sets->bin = p;
    sets->n = 0;
    memcpy(sets->row, pool, (size_t)(most + 1) * sizeof(*pool));
    *ret = add_own(sets, sets->in->own + sets->in->own_first[p], n_own, duals, most + 1);
    return (int64_t)n_own * (most + 1);
}

/* ---- All but one ---- */

struct away {
    struct kept_sets *sets;
    const int *own, *duals;
    const bool *asked;
    void (*visit)(void *arg, int away, const int32_t *row);
    void *arg;
    int cells;
    int64_t touched;
};

/* Own items from .. end - 1 on top of a row, into one of the two rows of the step. */
static const int32_t *add_some(struct away *of, int from, int end, const int32_t *row, int step)
{
    struct kept_sets *sets = of->sets;
    int32_t *even = sets->halves + 2 * (int64_t)step * sets->cells;

    for (int k = from; k < end; k++) {
        int i = of->own[k], weight = sets->in->weight[i];
        int32_t *after = row == even ? even + sets->cells : even;

        kernel_keep(after, row, sets->choice, weight < of->cells ? weight : of->cells, of->duals[i],
                    instance_stay(sets->in, i), of->cells);
        of->touched += of->cells;
        row = after;
    }
    return row;
}

/* The row holds the others of the bin than from .. end - 1. */
static void send_away(struct away *of, int from, int end, const int32_t *row, int step)
{
    int middle = from + (end - from + 1) / 2, k = from;

    while (k < end && !of->asked[of->own[k]])
        k++;
    if (k == end)
        return;
    if (end - from == 1) {
        of->visit(of->arg, of->own[from], row);
        return;
    }
    send_away(of, from, middle, add_some(of, middle, end, row, step), step + 1);
    send_away(of, middle, end, add_some(of, from, middle, row, step), step + 1);
}

int64_t kept_sets_each_away(struct kept_sets *sets, int p, const int *duals, const int32_t *pool,
                            int most, const bool *asked,
                            void (*visit)(void *arg, int away, const int32_t *row), void *arg)
{
    struct away of = {.sets = sets,
                      .own = sets->in->own + sets->in->own_first[p],
                      .duals = duals,
                      .asked = asked,
                      .visit = visit,
                      .arg = arg,
                      .cells = most + 1};

    send_away(&of, 0, count_own(sets->in, p), pool, 0);
    return of.touched;
}

int kept_sets_members_of_many(const struct kept_sets *sets, int load, int *ret, int *ret_rest)
{
    const struct instance *in = sets->in;
    const int *own = in->own + in->own_first[sets->bin];
    int n = 0;

    for (int k = count_own(in, sets->bin) - 1; k >= 0; k--)
        if (sets->choice[(int64_t)k * sets->cells + load]) {
            ret[n++] = own[k];
            load -= in->weight[own[k]];
        }
    *ret_rest = load;
    return n;
}

int kept_sets_members(const struct kept_sets *sets, int state, int *ret)
{
    const struct instance *in = sets->in;
    const int *own = in->own + in->own_first[sets->bin];
    int n_own = count_own(in, sets->bin), weight = sets->weight[state], n = 0;

    for (int k = n_own - 1; k >= 0; k--) {
        if (n_own <= KEPT_SETS_FEW ? sets->kept[state] >> k & 1
                                   : sets->choice[(int64_t)k * sets->cells + weight]) {
            ret[n++] = own[k];
            weight -= in->weight[own[k]];
        }
    }
    return n;
}
