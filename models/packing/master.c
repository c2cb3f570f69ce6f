/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/master.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/packing/bin_by_bin.h"

/* How much more than a bin's dual a pattern has to weigh, of one item. */
static const double WORTH_IT = 1e-4;

/* Rows: the kinds of items, then the kinds of bins. Columns: who is stopped of each kind, then the
 * patterns. */
static int bin_row(const struct master *master, int bin_kind)
{
    return (int)master->kinds->n + bin_kind;
}

static int add_frame(const struct master *master, struct lp *lp)
{
    const struct kinds *kinds = master->kinds;

    for (size_t k = 0; k < kinds->n; k++)
        lp_add_row(lp, NULL, kinds->count[k], INFINITY);
    for (size_t p = 0; p < kinds->n_bins; p++)
        lp_add_row(lp, NULL, -INFINITY, kinds->bin_count[p]);
    for (size_t k = 0; k < kinds->n; k++) {
        int column = lp_add_column(lp, NULL, LP_CONTINUOUS, 0, INFINITY, 1);

        lp_add_entry(lp, (int)k, column, 1);
    }
    return lp_error(lp);
}

/* The pattern in `count`. */
static int add_pattern(struct master *master, int bin_kind)
{
    const struct lp_column column = {.kind = LP_CONTINUOUS, .upper = INFINITY};
    size_t n = 0;

    for (size_t k = 0; k < master->kinds->n; k++)
        if (master->count[k] > 0)
            master->entries[n++] =
                (struct lp_entry){.row = (int)k, .coefficient = master->count[k]};
    master->entries[n++] = (struct lp_entry){.row = bin_row(master, bin_kind), .coefficient = 1};
    return solver_add_column(master->solver, &column, master->entries, n);
}

static int add_plan(struct master *master, const int *bin_of)
{
    int error = 0;

    for (int p = 0; p < (int)master->filling->m && error == 0; p++) {
        memset(master->count, 0, master->kinds->n * sizeof(*master->count));
        for (size_t i = 0; i < master->filling->n; i++)
            master->count[master->kinds->kind_of[i]] += bin_of[i] == p;
        error = add_pattern(master, master->kinds->bin_kind_of[p]);
    }
    return error;
}

int master_new(struct filling *filling, const struct kinds *kinds, const int *bin_of,
               struct work *work, struct master *ret)
{
    struct arena *arena = &ret->arena;
    struct lp *lp = lp_new("packing");
    int error;

    *ret = (struct master){.filling = filling, .kinds = kinds, .work = work};
    ret->count = arena_take(arena, kinds->n, sizeof(*ret->count));
    ret->entries = arena_take(arena, kinds->n + 1, sizeof(*ret->entries));
    ret->weight = arena_take(arena, kinds->n, sizeof(*ret->weight));
    ret->most = arena_take(arena, kinds->n_bins, sizeof(*ret->most));
    ret->best_weight = arena_take(arena, kinds->n, sizeof(*ret->best_weight));
    ret->best_most = arena_take(arena, kinds->n_bins, sizeof(*ret->best_most));
    ret->knapsack.items = arena_take(arena, kinds->n, sizeof(*ret->knapsack.items));
    ret->knapsack.n = kinds->n;
    ret->knapsack.rooms = filling->rooms;
    error = arena_error(arena);
    if (error == 0)
        error = add_frame(ret, lp);
    if (error == 0)
        error = solver_new(lp, &ret->solver);
    if (error == 0)
        error = add_plan(ret, bin_of);
    lp_free(lp);
    return error;
}

void master_done(struct master *master)
{
    solver_free(master->solver);
    knapsack_done(&master->knapsack);
    arena_done(&master->arena);
}

/* What the answer of the knapsack really is: rounding, a third resource and other sets may forbid some
 * of it. */
static int add_taken(struct master *master, int bin_kind)
{
    struct filling *filling = master->filling;
    int bin = master->kinds->bin[bin_kind];

    filling_empty(filling);
    memset(master->count, 0, master->kinds->n * sizeof(*master->count));
    for (size_t k = 0; k < master->kinds->n; k++) {
        int item = master->kinds->first[k];

        for (int n = 0; n < master->knapsack.items[k].taken; n++) {
            if (!filling_fits(filling, item, bin))
                break;
            filling_put(filling, item, bin);
            master->count[k]++;
            item = master->kinds->next[item];
        }
    }
    return add_pattern(master, bin_kind);
}

/* Duals in whole numbers, 0 .. MASTER_SCALE. */
static void read_duals(struct master *master)
{
    for (size_t k = 0; k < master->kinds->n; k++) {
        double dual = solver_row_dual(master->solver, (int)k) * MASTER_SCALE;

        master->weight[k] = clamp64((int64_t)floor(dual + 0.5), 0, MASTER_SCALE);
    }
}

/* The heaviest set of a kind of bin; a pattern where it is worth more than the bin's own dual. */
static int price(struct master *master, int bin_kind, bool *ret_is_better)
{
    const struct filling *filling = master->filling;
    struct knapsack *knapsack = &master->knapsack;
    int bin = master->kinds->bin[bin_kind], error;
    double dual = -solver_row_dual(master->solver, bin_row(master, bin_kind));

    kinds_fill(master->kinds, filling, bin, knapsack->items);
    for (size_t k = 0; k < master->kinds->n; k++)
        knapsack->items[k].value = master->weight[k];
    error = knapsack_bound(knapsack, filling->problem->room + (size_t)bin * filling->rooms,
                           master->work, &master->most[bin_kind]);
    if (error < 0 || (double)master->most[bin_kind] <= (dual + WORTH_IT) * MASTER_SCALE)
        return error;
    *ret_is_better = true;
    return add_taken(master, bin_kind);
}

/* The duals of the whole problem are a certificate. */
static void keep_best(struct master *master)
{
    const struct kinds *kinds = master->kinds;
    int64_t sum = 0;

    for (size_t k = 0; k < kinds->n; k++)
        sum += master->weight[k] * kinds->count[k];
    for (size_t p = 0; p < kinds->n_bins; p++)
        sum -= master->most[p] * kinds->bin_count[p];
    if (sum <= master->best_sum)
        return;
    master->best_sum = sum;
    memcpy(master->best_weight, master->weight, kinds->n * sizeof(*master->weight));
    memcpy(master->best_most, master->most, kinds->n_bins * sizeof(*master->most));
}

int64_t master_proven(const struct master *master)
{
    return (master->best_sum + MASTER_SCALE - 1) / MASTER_SCALE;
}

int master_generate(struct master *master, int rounds, int64_t enough)
{
    bool is_better = true;
    int error = 0;

    while (rounds-- > 0 && is_better && error == 0 && master_proven(master) < enough &&
           !work_exhausted(master->work)) {
        enum solve_status status;

        error = solver_simplex(master->solver, master->work, &status);
        if (error < 0 || status != SOLVE_OPTIMAL)
            return error;
        read_duals(master);
        is_better = false;
        for (size_t p = 0; p < master->kinds->n_bins && error == 0; p++)
            error = price(master, (int)p, &is_better);
        if (error == 0)
            keep_best(master);
    }
    return error;
}
