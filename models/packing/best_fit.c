/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/best_fit.h"

#include <math.h>
#include <stdlib.h>

/* After so many no other order is tried: 8 orders of 20,000 items in 1,250 bins. */
static const int64_t MOST_CELLS = 200000000;
/* How far chance may change an item's size in the order. */
static const double NOISE = 0.15;

double packing_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (double)(*state >> 11) / 9007199254740992.0;
}

static int larger_first(const void *a, const void *b)
{
    const struct best_fit_order *left = a, *right = b;

    if (left->key != right->key)
        return left->key > right->key ? -1 : 1;
    return left->item < right->item ? -1 : left->item > right->item;
}

/* How large it is: its sizes, weighed by chance, and the largest of them once more. */
static double key(const struct filling *filling, int item, double tilt)
{
    const double *need = filling->need + (size_t)item * filling->rooms;
    double sum = 0, most = 0;

    for (size_t r = 0; r < filling->rooms; r++) {
        sum += need[r] * (r ? 1 - tilt : tilt);
        most = need[r] > most ? need[r] : most;
    }
    return sum + most / 2;
}

/* A bin suits an item where what is left has the same proportions (by_shape), or where it is full. */
static double suits(const struct filling *filling, int item, int bin, bool by_shape)
{
    const double *need = filling->need + (size_t)item * filling->rooms;
    const int64_t *left = filling->left + (size_t)bin * filling->rooms;
    double dot = 0, long_left = 0, long_need = 0, sum = 0;

    for (size_t r = 0; r < filling->rooms; r++) {
        double share = (double)left[r] * filling->weight[r];

        dot += share * need[r];
        long_left += share * share;
        long_need += need[r] * need[r];
        sum += share;
    }
    return by_shape ? dot / sqrt(long_left * long_need + 1e-9) : -sum;
}

static int best_bin(const struct filling *filling, int item, bool by_shape)
{
    double most = -INFINITY;
    int best = -1;

    for (int p = 0; p < (int)filling->m; p++) {
        double suit;

        if (!filling_fits(filling, item, p))
            continue;
        suit = suits(filling, item, p, by_shape);
        if (suit > most) {
            most = suit;
            best = p;
        }
    }
    return best;
}

/* One order; how many stay out. Those that run count first. */
static size_t fill_once(struct filling *filling, const struct best_fit_order *order, size_t n,
                        bool by_shape, size_t *ret_out)
{
    size_t out = 0, halted = 0;

    for (size_t k = 0; k < n; k++) {
        int bin = best_bin(filling, order[k].item, by_shape);

        if (bin >= 0) {
            filling_put(filling, order[k].item, bin);
            continue;
        }
        out++;
        halted += packing_home(filling->problem, order[k].item) >= 0;
    }
    *ret_out = out;
    return halted * (n + 1) + out;
}

static void keep(const struct filling *filling, const int *items, size_t n,
                 struct best_fit_order *best)
{
    for (size_t k = 0; k < n; k++)
        best[k].bin = filling->bin_of[items[k]];
}

static void take_back(struct filling *filling, const int *items, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (filling->bin_of[items[k]] >= 0)
            filling_take(filling, items[k]);
}

static void make_order(const struct filling *filling, const int *items, size_t n, uint64_t *random,
                       bool is_first, struct best_fit_order *order)
{
    double tilt = 0.3 + 0.4 * packing_random(random);

    for (size_t k = 0; k < n; k++) {
        double noise = is_first ? 0 : NOISE * packing_random(random);

        order[k].item = items[k];
        order[k].key = key(filling, items[k], is_first ? 0.5 : tilt) * (1 + noise);
    }
    qsort(order, n, sizeof(*order), larger_first);
}

size_t best_fit(struct filling *filling, const int *items, size_t n, size_t enough, int orders,
                struct best_fit_order *scratch, struct work *work)
{
    size_t least = SIZE_MAX, least_out = n;
    int64_t of_order = (int64_t)(n * filling->m) + 1000;
    uint64_t random = PACKING_SEED;

    for (int k = 0; k == 0 || (k < orders && k * of_order < MOST_CELLS &&
                               (least_out > enough || least > least_out) && !work_exhausted(work));
         k++) {
        size_t out, value;

        make_order(filling, items, n, &random, k == 0, scratch);
        value = fill_once(filling, scratch, n, k % 2, &out);
        work_count_cells(work, 0, of_order);
        if (value < least) {
            least = value;
            least_out = out;
            keep(filling, items, n, scratch + n);
        }
        take_back(filling, items, n);
    }
    for (size_t k = 0; k < n; k++)
        if (scratch[n + k].bin >= 0)
            filling_put(filling, items[k], scratch[n + k].bin);
    return least_out;
}
