/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/bin_by_bin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/packing/best_fit.h"

/* Values in a knapsack are whole: so much for a kind that fills a mean bin. Chance changes them by
 * NOISE, who stays out gains up to GAIN, everybody loses up to LOSS. */
static const double SCALE = 1e5, NOISE = 0.02, GAIN = 0.08, LOSS = 0.01;
/* Larger items are worth a little more than their size: it is harder to place them later. */
static const double POWER = 1.1;

struct passes {
    struct filling *filling;
    const struct kinds *kinds;
    struct knapsack knapsack;
    double *value; /* [kinds] */
    int *left;     /* [kinds] how many are in no bin */
    int *next;     /* [kinds] the first of them, as all before it are in one */
    int *order;    /* [m] */
    size_t a, b;
    uint64_t random;
    struct work *work;
};

void scarcest_rooms(const struct filling *filling, size_t *ret_a, size_t *ret_b)
{
    double most = -1, second = -1;

    *ret_a = *ret_b = 0;
    for (size_t r = 0; r < filling->rooms; r++) {
        double sum = 0;

        for (size_t i = 0; i < filling->n; i++)
            sum += filling->need[i * filling->rooms + r];
        if (sum > most) {
            second = most;
            *ret_b = *ret_a;
            most = sum;
            *ret_a = r;
        } else if (sum > second) {
            second = sum;
            *ret_b = r;
        }
    }
}

static void start_values(struct passes *passes)
{
    const struct filling *filling = passes->filling;

    for (size_t k = 0; k < passes->kinds->n; k++) {
        const double *need = filling->need + (size_t)passes->kinds->first[k] * filling->rooms;
        double sum = 0;

        for (size_t r = 0; r < filling->rooms; r++)
            sum += need[r];
        passes->value[k] = pow(sum, POWER) + 1e-4;
    }
}

/* Puts up to n of a kind into a bin, as far as they really fit. */
static void put(struct passes *passes, size_t kind, int n, int bin)
{
    while (n-- > 0 && passes->left[kind] > 0 &&
           filling_fits(passes->filling, passes->next[kind], bin)) {
        filling_put(passes->filling, passes->next[kind], bin);
        passes->next[kind] = passes->kinds->next[passes->next[kind]];
        passes->left[kind]--;
    }
}

static int fill_bin(struct passes *passes, int bin)
{
    struct knapsack *knapsack = &passes->knapsack;
    const struct filling *filling = passes->filling;
    int64_t value;
    int error;

    kinds_fill(passes->kinds, filling, bin, knapsack->items);
    for (size_t k = 0; k < passes->kinds->n; k++) {
        knapsack->items[k].count = min_int(knapsack->items[k].count, passes->left[k]);
        knapsack->items[k].value =
            (int64_t)(SCALE * passes->value[k] * (1 + NOISE * packing_random(&passes->random))) + 1;
    }
    error = knapsack_fill(knapsack, filling->problem->room + (size_t)bin * filling->rooms,
                          passes->a, passes->b, true, passes->work, &value);
    if (error < 0)
        return error;
    for (size_t k = 0; k < passes->kinds->n; k++)
        put(passes, k, knapsack->items[k].taken, bin);
    /* rounding, a third resource and other sets may have left room */
    for (size_t k = 0; k < passes->kinds->n; k++)
        if (passes->left[k] > 0)
            put(passes, k, passes->left[k], bin);
    return 0;
}

/* Bins that few may use are filled first when they come first; so the order changes. */
static void shuffle(struct passes *passes)
{
    for (size_t k = passes->filling->m; k > 1; k--) {
        size_t l = (size_t)(packing_random(&passes->random) * (double)k);
        int bin = passes->order[k - 1];

        passes->order[k - 1] = passes->order[l];
        passes->order[l] = bin;
    }
}

static int run_pass(struct passes *passes)
{
    const struct kinds *kinds = passes->kinds;

    filling_empty(passes->filling);
    for (size_t k = 0; k < kinds->n; k++) {
        passes->left[k] = kinds->count[k];
        passes->next[k] = kinds->first[k];
    }
    if (kinds->n_bins > 1)
        shuffle(passes);
    for (size_t p = 0; p < passes->filling->m; p++) {
        int error = fill_bin(passes, passes->order[p]);

        if (error < 0)
            return error;
    }
    for (size_t k = 0; k < kinds->n; k++)
        passes->value[k] *= 1 + GAIN * (passes->left[k] > 0) * packing_random(&passes->random) -
                            LOSS * packing_random(&passes->random);
    return 0;
}

static bool take_memory(struct passes *passes, struct arena *arena)
{
    size_t n = passes->kinds->n, m = passes->filling->m;

    passes->value = arena_take(arena, n, sizeof(*passes->value));
    passes->left = arena_take(arena, n, sizeof(*passes->left));
    passes->next = arena_take(arena, n, sizeof(*passes->next));
    passes->order = arena_take(arena, m, sizeof(*passes->order));
    passes->knapsack.items = arena_take(arena, n, sizeof(*passes->knapsack.items));
    passes->knapsack.n = n;
    passes->knapsack.rooms = passes->filling->rooms;
    if (arena_error(arena) < 0)
        return false;
    for (size_t p = 0; p < m; p++)
        passes->order[p] = (int)p;
    return true;
}

int bin_by_bin(struct filling *filling, const struct kinds *kinds, size_t enough,
               int64_t max_kcells, struct work *work, int *bin_of)
{
    struct passes passes = {
        .filling = filling, .kinds = kinds, .random = PACKING_SEED, .work = work};
    struct packing_value best = packing_value(filling->problem, bin_of), value;
    int64_t end = work->kcells + max_kcells;
    struct arena arena = {0};
    int error = take_memory(&passes, &arena) ? 0 : arena_error(&arena);

    if (error == 0) {
        scarcest_rooms(filling, &passes.a, &passes.b);
        start_values(&passes);
    }
    while (error == 0 && best.stopped > enough && work->kcells < end && !work_exhausted(work)) {
        error = run_pass(&passes);
        value = packing_value(filling->problem, filling->bin_of);
        if (error == 0 && packing_value_is_less(&value, &best)) {
            best = value;
            memcpy(bin_of, filling->bin_of, filling->n * sizeof(*bin_of));
        }
    }
    knapsack_done(&passes.knapsack);
    arena_done(&arena);
    return error;
}
