/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/local_search.h"

/* Band widths: each next one this much narrower, until the deviation is a few percent of F. */
static const double NARROWER = 0.82, NARROWEST = 0.02;
enum {
    MASS = 3, /* one vCPU in so many has to leave: bands would move them one by one */
    RESTARTS = 12,
    MOST_SHAKES = 100,
    MOST_RANKS = 10,
    MORE_ATTEMPTS = 8,
    MORE_TRIALS = 12 * 1000 * 1000,
    PACKING_TRIALS = 40 * 1000 * 1000
};

int local_search_new(const struct instance *in, struct work *work, struct arena *arena,
                     struct local_search *ret)
{
    struct local_search search = {.in = in, .work = work, .random = 88172645463325252u};
    int r = assignment_new(in, arena, &search.now);

    if (r < 0)
        return r;
    r = assignment_new(in, arena, &search.best);
    if (r < 0)
        return r;
    r = assignment_new(in, arena, &search.home);
    if (r < 0)
        return r;
    search.best_objective = assignment_objective(&search.best);
    search.best_squares = assignment_squares(&search.best);
    *ret = search;
    return 0;
}

void local_search_keep(struct local_search *search)
{
    int64_t objective = assignment_objective(&search->now);
    double squares;

    if (objective > search->best_objective)
        return;
    squares = assignment_squares(&search->now);
    if (objective == search->best_objective && squares >= search->best_squares)
        return;
    assignment_copy(&search->now, &search->best);
    search->best_objective = objective;
    search->best_squares = squares;
}

void local_search_count(struct local_search *search, int64_t trials)
{
    work_count_cells(search->work, search->trials, search->trials + trials);
    search->trials += trials;
}

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled",
 * 2016). */
uint64_t local_search_random(struct local_search *search, uint64_t below)
{
    search->random ^= search->random >> 12;
    search->random ^= search->random << 25;
    search->random ^= search->random >> 27;
    return (search->random * 2685821657736338717u >> 11) % below;
}

double local_search_noise(struct local_search *search)
{
    return (double)local_search_random(search, 1 << 20) / (1 << 20) - 0.5;
}

static bool enough(struct local_search *search)
{
    return search->best_objective <= search->lower || search->trials > search->most_trials ||
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

static bool variance(const struct local_search *search)
{
    return search->in->problem->objective == PLACEMENT_VARIANCE;
}

/* One long repair with narrower and narrower bands; each stop on the way is a plan. */
static void narrow_down(struct local_search *search, int64_t band)
{
    while (band > 0 && !work_exhausted(search->work) && repair_into_band(search, band, 0)) {
        local_search_keep(search);
        if ((double)search->in->kappa * (double)band < NARROWEST * (double)search->best_objective)
            return;
        band = scaled(band, NARROWER);
    }
}

int local_search_first(struct local_search *search)
{
    int64_t deviation = worst_deviation(&search->now);
    int r = evacuate(search, 0);

    if (r < 0)
        return r;
    search->evacuated = r > search->in->n / MASS;
    if (search->evacuated)
        settle(search, false);
    else
        assignment_copy(&search->home, &search->now);
    if (!search->evacuated && !variance(search))
        narrow_down(search, scaled(deviation, NARROWER));
    local_search_adopt(search, search->evacuated ? search->now.bin : search->best.bin);
    return 0;
}

/* A repair from home; returns the band that gave the best plan so far. */
static int64_t try_band(struct local_search *search, int64_t band, double noise, int64_t best_band)
{
    int64_t before = search->best_objective;

    assignment_copy(&search->home, &search->now);
    if (repair_into_band(search, band, noise))
        local_search_keep(search);
    return search->best_objective < before ? band : best_band;
}

static void try_bands(struct local_search *search)
{
    int64_t best = worst_deviation(&search->best), band = worst_deviation(&search->home);

    while (!enough(search)) {
        band = scaled(band, NARROWER);
        if ((double)search->in->kappa * (double)band < NARROWEST * (double)search->best_objective)
            break;
        best = try_band(search, band, 0, best);
    }
    for (int k = 0; k < RESTARTS && !enough(search); k++)
        try_band(search, scaled(best, 0.7 + 0.1 * (k % 6)), 0.15 + 0.03 * k, best);
}

/* Swaps a few moved vCPUs at random, which costs nothing where prices are alike. */
static void shuffle(struct local_search *search, int swaps)
{
    struct assignment *now = &search->now;
    const int *home = search->in->home;

    for (int tries = 0; tries < 400 && swaps > 0; tries++) {
        int i = (int)local_search_random(search, (uint64_t)search->in->n);
        int j = (int)local_search_random(search, (uint64_t)search->in->n);
        int p = now->bin[i], q = now->bin[j];

        if (p == q || p == home[i] || q == home[j] || !may_enter(now, i, q) ||
            !may_enter(now, j, p))
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

static int shake(struct local_search *search)
{
    int count = moved(&search->best), r = 0;
    int times = count > search->in->n / 2 ? MOST_SHAKES : count > search->in->m ? 4 : count > 0;

    for (int k = 0; k < times && !enough(search) && r >= 0; k++) {
        assignment_copy(&search->best, &search->now);
        if (k)
            shuffle(search, 2 + k % 4);
        settle(search, false);
        resplit(search, false);
        if (search->evacuated)
            r = repack(search);
        polish(search);
        local_search_keep(search);
    }
    return r;
}

/* Even packed perfectly it would hardly be better. (In PLACEMENT_VARIANCE settling often makes it cheaper.) */
static bool is_hopeless(const struct local_search *search)
{
    const struct instance *in = search->in;

    return !variance(search) &&
           in->unit * search->now.cost + in->kappa * in->least_deviation >= search->best_objective;
}

static int pack(struct local_search *search)
{
    int r = 0;

    for (int same_price = 1; same_price >= 0 && r >= 0 && !enough(search); same_price--) {
        settle(search, same_price);
        resplit(search, same_price);
        r = repack(search);
        if (!same_price)
            polish(search);
        local_search_keep(search);
    }
    return r;
}

/* Other sets to keep, each packed as well as can be in so many attempts. */
static int evacuate_otherwise(struct local_search *search, int attempts)
{
    int r = 0;

    for (int rank = 0; rank < MOST_RANKS && r >= 0 && !enough(search); rank++) {
        assignment_copy(&search->home, &search->now);
        r = evacuate(search, rank);
        for (int k = 0; k < attempts && r >= 0 && !enough(search) && !is_hopeless(search); k++)
            r = pack(search);
    }
    return r < 0 ? r : 0;
}

int local_search_more(struct local_search *search)
{
    int r = 0;

    search->most_trials = search->trials + (search->evacuated ? PACKING_TRIALS : MORE_TRIALS);
    if (!variance(search) && !search->evacuated)
        try_bands(search);
    if (search->evacuated)
        r = evacuate_otherwise(search, 1);
    local_search_adopt(search, search->best.bin);
    return r < 0 ? r : shake(search);
}

int local_search_pack(struct local_search *search)
{
    if (!search->evacuated)
        return 0;
    search->most_trials = search->trials + PACKING_TRIALS;
    return evacuate_otherwise(search, MORE_ATTEMPTS);
}

void local_search_adopt(struct local_search *search, const int *bin)
{
    if (bin != search->now.bin)
        assignment_set(&search->now, bin);
    local_search_keep(search);
    polish(search);
    local_search_keep(search);
}
