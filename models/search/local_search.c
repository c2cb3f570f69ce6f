/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/local_search.h"

#include "models/search/evacuate.h"
#include "models/search/level_out.h"
#include "models/search/polish.h"
#include "models/search/repack.h"
#include "models/search/repair.h"
#include "models/search/resplit.h"
#include "models/search/shed.h"

/* Found by trying on the families of bench_plan. Figures are bounds evaluated and million cells
 * of a whole solve at half and at double the value, at 64x16, seeds 1-3 (as it is: 1567 and
 * 481). Each run proves all 42 problems with the same F; a better first plan only leaves less
 * to prove. */

/* Factor from one band to the next (step halved: 1552, 422; doubled: 1507, 372). */
static const double NARROWER = 0.82;
/* The narrowest band, as a part of F. */
static const double NARROWEST = 0.02;
enum {
    MASS = 3,          /* one item in so many leaves: bands are slow then (double: 1577, 481) */
    RESTARTS = 12,     /* repairs with noise (1635, 488; 1527, 407) */
    MAX_SHAKES = 100,  /* where more than half of the items move (no change at half and double) */
    MAX_RANKS = 10,    /* sets to keep that are tried */
    MORE_ATTEMPTS = 8, /* packings of each such set */
    MORE_TRIALS = 12 * 1000 * 1000,    /* exchanges looked at */
    PACKING_TRIALS = 40 * 1000 * 1000, /* the same, where bins were evacuated */
    LARGE_TRIALS = 16 * 1000 * 1000,   /* of a polish of what is large */
};

static bool is_enough(struct search_state *search)
{
    return search->best_objective <= search->lower || search->trials > search->max_trials ||
           work_exhausted(search->work);
}

static int64_t worst_deviation(const struct assignment *placement)
{
    struct extremes extremes;

    assignment_extremes(placement, &extremes);
    return extremes.deviation[0];
}

static int64_t scaled(int64_t value, double factor)
{
    return (int64_t)((double)value * factor);
}

static bool is_variance(const struct search_state *search)
{
    return search->in->problem->objective == PLACEMENT_VARIANCE;
}

/* One long repair with narrower and narrower bands; each stop on the way is a plan. */
static void narrow_down(struct search_state *search, int64_t band)
{
    while (band > 0 && !work_exhausted(search->work) && repair_into_band(search, band, 0)) {
        search_state_keep(search);
        if ((double)search->in->kappa * (double)band < NARROWEST * (double)search->best_objective)
            return;
        band = scaled(band, NARROWER);
    }
}

int local_search_first(struct search_state *search)
{
    int64_t deviation = worst_deviation(&search->now);
    int r = search->is_large ? shed(search) : evacuate(search, 0);

    if (r < 0)
        return r;
    if (search->is_large) {
        local_search_adopt(search, search->now.bin);
        return 0;
    }
    search->evacuated = r > search->in->n / MASS;
    if (search->evacuated)
        level_out(search, false);
    else
        assignment_copy(&search->home, &search->now);
    if (!search->evacuated && !is_variance(search))
        narrow_down(search, scaled(deviation, NARROWER));
    local_search_adopt(search, search->evacuated ? search->now.bin : search->best.bin);
    return 0;
}

/* A repair from home; returns the band that gave the best plan so far. */
static int64_t try_band(struct search_state *search, int64_t band, double noise, int64_t best_band)
{
    int64_t before = search->best_objective;

    assignment_copy(&search->home, &search->now);
    if (repair_into_band(search, band, noise))
        search_state_keep(search);
    return search->best_objective < before ? band : best_band;
}

static void try_bands(struct search_state *search)
{
    int64_t best = worst_deviation(&search->best), band = worst_deviation(&search->home);

    while (!is_enough(search)) {
        band = scaled(band, NARROWER);
        if ((double)search->in->kappa * (double)band < NARROWEST * (double)search->best_objective)
            break;
        best = try_band(search, band, 0, best);
    }
    for (int k = 0; k < RESTARTS && !is_enough(search); k++)
        try_band(search, scaled(best, 0.7 + 0.1 * (k % 6)), 0.15 + 0.03 * k, best);
}

/* Swaps a few moved items at random, which costs nothing where prices are alike. */
static void shuffle(struct search_state *search, int swaps)
{
    struct assignment *now = &search->now;
    const int *home = search->in->home;

    for (int tries = 0; tries < 400 && swaps > 0; tries++) {
        int i = (int)search_state_random(search, (uint64_t)search->in->n);
        int j = (int)search_state_random(search, (uint64_t)search->in->n);
        int p = now->bin[i], q = now->bin[j];

        if (p == q || p == home[i] || q == home[j] || !assignment_may_enter(now, i, q) ||
            !assignment_may_enter(now, j, p) || !fitting_allows(&now->fitting, p, q, i, j))
            continue;
        assignment_move(now, i, q);
        assignment_move(now, j, p);
        swaps--;
    }
}

static int moved(const struct assignment *placement)
{
    int count = 0;

    for (int i = 0; i < placement->in->n; i++)
        count += placement->bin[i] != placement->in->home[i];
    return count;
}

static int shake(struct search_state *search)
{
    int count = moved(&search->best), r = 0;
    int times = count > search->in->n / 2 ? MAX_SHAKES : count > search->in->m ? 4 : count > 0;

    for (int k = 0; k < times && !is_enough(search) && r >= 0; k++) {
        assignment_copy(&search->best, &search->now);
        if (k)
            shuffle(search, 2 + k % 4);
        level_out(search, false);
        resplit(search, false);
        if (search->evacuated)
            r = repack(search);
        polish(search);
        search_state_keep(search);
    }
    return r;
}

/* Even packed perfectly it would hardly be better. (In PLACEMENT_VARIANCE settling often makes it
 * cheaper.) */
static bool is_hopeless(const struct search_state *search)
{
    const struct instance *in = search->in;

    return !is_variance(search) &&
           in->unit * search->now.cost + in->kappa * in->least_deviation >= search->best_objective;
}

static int pack(struct search_state *search)
{
    int r = 0;

    for (int same_cost = 1; same_cost >= 0 && r >= 0 && !is_enough(search); same_cost--) {
        level_out(search, same_cost);
        resplit(search, same_cost);
        r = repack(search);
        if (!same_cost)
            polish(search);
        search_state_keep(search);
    }
    return r;
}

/* Other sets to keep, each packed as well as can be in so many attempts. */
static int evacuate_otherwise(struct search_state *search, int attempts)
{
    int r = 0;

    for (int rank = 0; rank < MAX_RANKS && r >= 0 && !is_enough(search); rank++) {
        assignment_copy(&search->home, &search->now);
        r = evacuate(search, rank);
        for (int k = 0; k < attempts && r >= 0 && !is_enough(search) && !is_hopeless(search); k++)
            r = pack(search);
    }
    return r < 0 ? r : 0;
}

int local_search_more(struct search_state *search)
{
    int r = 0;

    if (search->is_large)
        return 0;
    search->max_trials = search->trials + (search->evacuated ? PACKING_TRIALS : MORE_TRIALS);
    if (!is_variance(search) && !search->evacuated)
        try_bands(search);
    if (search->evacuated)
        r = evacuate_otherwise(search, 1);
    local_search_adopt(search, search->best.bin);
    return r < 0 ? r : shake(search);
}

int local_search_pack(struct search_state *search)
{
    if (!search->evacuated)
        return 0;
    search->max_trials = search->trials + PACKING_TRIALS;
    return evacuate_otherwise(search, MORE_ATTEMPTS);
}

void local_search_adopt(struct search_state *search, const int *bin)
{
    search->end_trials = search->trials + LARGE_TRIALS;
    if (bin != search->now.bin)
        assignment_set(&search->now, bin);
    search_state_keep(search);
    polish(search);
    search_state_keep(search);
}
