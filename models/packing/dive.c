/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/dive.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/packing/best_fit.h"
#include "models/packing/rest.h"

/* Rounds of generation after each bin, in the first dive and later; the bins that are left to a search,
 * and its nodes. */
enum { FIRST_ROUNDS = 20, ROUNDS = 4, LAST_BINS = 3, NODES = 20000 };
/* How much of a bin chance is worth, and being full. */
static const double CHANCE = 0.25, FULLNESS = 1e-3;

struct dives {
    struct master *master;
    struct filling filling; /* the plan that is made; the master's own is its scratch */
    int *left, *bins_left;  /* [kinds], [kinds of bins] */
    int *next;              /* [kinds] the first that is in no bin */
    int *items;             /* [n] */
    bool *is_filled;        /* [m] */
    uint64_t random;
};

static double fullness(const struct dives *dives, const struct pattern *pattern)
{
    const struct filling *filling = &dives->filling;
    double sum = 0;

    for (size_t k = 0; k < dives->master->kinds->n; k++)
        for (size_t r = 0; pattern->count[k] && r < filling->rooms; r++)
            sum += min_int(pattern->count[k], dives->left[k]) *
                   filling->need[(size_t)dives->master->kinds->first[k] * filling->rooms + r];
    return sum;
}

/* The pattern with the most weight, -1: none has any. */
static int heaviest(struct dives *dives, bool with_chance)
{
    const struct master *master = dives->master;
    double most = 0;
    int best = -1;

    for (size_t j = 0; j < master->n_patterns; j++) {
        double weight = master_weight(master, j), score;

        if (weight < 1e-6 || dives->bins_left[master->patterns[j].bin_kind] == 0)
            continue;
        score = fmin(weight, 1) + (weight > 1 - 1e-6 ? 2 : 0) +
                FULLNESS * fullness(dives, &master->patterns[j]);
        if (with_chance)
            score += CHANCE * packing_random(&dives->random);
        if (score > most) {
            most = score;
            best = (int)j;
        }
    }
    return best;
}

static void put(struct dives *dives, size_t kind, int n, int bin)
{
    while (n-- > 0 && dives->left[kind] > 0 &&
           filling_fits(&dives->filling, dives->next[kind], bin)) {
        filling_put(&dives->filling, dives->next[kind], bin);
        dives->next[kind] = dives->master->kinds->next[dives->next[kind]];
        dives->left[kind]--;
    }
}

/* What is left of the pattern goes into a bin of its kind, and what else fits. */
static void fill(struct dives *dives, const struct pattern *pattern)
{
    const struct kinds *kinds = dives->master->kinds;
    int bin = 0;

    while (dives->is_filled[bin] || kinds->bin_kind_of[bin] != pattern->bin_kind)
        bin++;
    for (size_t k = 0; k < kinds->n; k++)
        put(dives, k, pattern->count[k], bin);
    for (size_t k = 0; k < kinds->n; k++)
        put(dives, k, dives->left[k], bin);
    dives->is_filled[bin] = true;
    dives->bins_left[pattern->bin_kind]--;
}

static void start(struct dives *dives)
{
    const struct kinds *kinds = dives->master->kinds;

    filling_empty(&dives->filling);
    memcpy(dives->left, kinds->count, kinds->n * sizeof(*dives->left));
    memcpy(dives->next, kinds->first, kinds->n * sizeof(*dives->next));
    memcpy(dives->bins_left, kinds->bin_count, kinds->n_bins * sizeof(*dives->bins_left));
    memset(dives->is_filled, 0, dives->filling.m * sizeof(*dives->is_filled));
}

/* The bins that are left, and whoever is in none. */
static int fill_last(struct dives *dives, size_t enough)
{
    struct rest_answer answer;
    size_t n = 0;

    for (size_t i = 0; i < dives->filling.n; i++)
        if (dives->filling.bin_of[i] < 0)
            dives->items[n++] = (int)i;
    return rest_place(&dives->filling, dives->items, n, enough,
                      &(struct rest_effort){REST_ORDERS, NODES}, dives->master->work, &answer);
}

static int dive_once(struct dives *dives, size_t enough, bool is_first)
{
    struct master *master = dives->master;
    int error = 0, best;
    int bins = (int)dives->filling.m;

    start(dives);
    while (bins > LAST_BINS && error == 0 && !work_exhausted(master->work)) {
        error = master_ask(master, dives->left, dives->bins_left);
        if (error == 0)
            error = master_generate(master, is_first ? FIRST_ROUNDS : ROUNDS, INT64_MAX);
        best = error == 0 ? heaviest(dives, !is_first) : -1;
        if (best < 0)
            break;
        fill(dives, &master->patterns[best]);
        bins--;
    }
    return error == 0 ? fill_last(dives, enough) : error;
}

int dive(struct master *master, size_t enough, int dives_left, int64_t max_kcells, int *bin_of)
{
    struct dives dives = {.master = master, .random = PACKING_SEED};
    const struct packing_problem *problem = master->filling->problem;
    struct packing_value best = packing_value(problem, bin_of), value;
    int64_t end = master->work->kcells + max_kcells;
    struct arena arena = {0};
    int error;

    dives.left = arena_take(&arena, master->kinds->n, sizeof(*dives.left));
    dives.bins_left = arena_take(&arena, master->kinds->n_bins, sizeof(*dives.bins_left));
    dives.next = arena_take(&arena, master->kinds->n, sizeof(*dives.next));
    dives.items = arena_take(&arena, problem->n_items, sizeof(*dives.items));
    dives.is_filled = arena_take(&arena, problem->n_bins, sizeof(*dives.is_filled));
    error = filling_new(problem, &arena, &dives.filling);
    for (int k = 0; k < dives_left && error == 0 && best.stopped > enough &&
                    master->work->kcells < end && !work_exhausted(master->work);
         k++) {
        error = dive_once(&dives, enough, k == 0);
        value = packing_value(problem, dives.filling.bin_of);
        if (error == 0 && packing_value_is_less(&value, &best)) {
            best = value;
            memcpy(bin_of, dives.filling.bin_of, problem->n_items * sizeof(*bin_of));
        }
    }
    arena_done(&arena);
    return error;
}
