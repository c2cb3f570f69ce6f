/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/neighbourhood.h"

#include <assert.h>
#include <errno.h>

#include "models/pipeline.h"

enum {
    BINS = 24,
    MOVERS = 18,      /* of them are bins that moved vCPUs come from or go to */
    FEWEST_BINS = 96, /* of a host for which this pays */
    EVALUATIONS = 200,
    KCELLS = 20000,
    PIVOTS = 1000,
    NODES = 100
};

/* The bins and what they carry, as a problem of its own. */
struct neighbourhood {
    struct local_search *search;
    int m, bins[BINS];
    int *within;         /* [all bins] their number in here, or -1 */
    int n, *vcpus, *bin; /* [n] number outside, and bin in here */
    int *plan;           /* [all vCPUs], and scratch */
    int *current, *price;
    bool *allowed;
    struct vcpu_problem problem;
    struct balance balance;
    struct arena arena;
};

static int take_room(struct neighbourhood *nb)
{
    size_t n = (size_t)nb->search->in->n, m = (size_t)nb->search->in->m;
    struct arena *arena = &nb->arena;

    nb->within = arena_take(arena, m, sizeof(int));
    nb->vcpus = arena_take(arena, n, sizeof(int));
    nb->bin = arena_take(arena, n, sizeof(int));
    nb->plan = arena_take(arena, n, sizeof(int));
    nb->current = arena_take(arena, n, sizeof(int));
    nb->price = arena_take(arena, n * BINS, sizeof(int));
    nb->allowed = arena_take(arena, n * BINS, sizeof(bool));
    nb->balance.weight = arena_take(arena, n, sizeof(int));
    nb->balance.background = arena_take(arena, BINS, sizeof(int));
    nb->balance.share = arena_take(arena, BINS, sizeof(int));
    nb->balance.target = arena_take(arena, BINS, sizeof(int64_t));
    return nb->within && nb->vcpus && nb->bin && nb->plan && nb->current && nb->price &&
                   nb->allowed && nb->balance.weight && nb->balance.background &&
                   nb->balance.share && nb->balance.target
               ? 0
               : -ENOMEM;
}

static void add_bin(struct neighbourhood *nb, int p, int most)
{
    if (p < 0 || nb->m == most || nb->within[p] >= 0)
        return;
    nb->within[p] = nb->m;
    nb->bins[nb->m++] = p;
}

static int moved_vcpus(const struct local_search *search, int *ret)
{
    int n = 0;

    for (int i = 0; i < search->in->n; i++)
        if (search->best.bin[i] != search->in->home[i])
            ret[n++] = i;
    return n;
}

/* Where moved vCPUs are and where they came from, and some others that may serve better. */
static void choose_bins(struct neighbourhood *nb)
{
    struct local_search *search = nb->search;
    const struct instance *in = search->in;
    int left = moved_vcpus(search, nb->plan);

    nb->m = 0;
    for (int p = 0; p < in->m; p++)
        nb->within[p] = -1;
    while (left > 0 && nb->m < MOVERS) {
        int k = (int)local_search_random(search, (uint64_t)left), i = nb->plan[k];

        nb->plan[k] = nb->plan[--left];
        add_bin(nb, search->best.bin[i], MOVERS);
        add_bin(nb, in->home[i], MOVERS);
    }
    while (nb->m < BINS)
        add_bin(nb, (int)local_search_random(search, (uint64_t)in->m), BINS);
}

static int64_t deviation_outside(const struct neighbourhood *nb)
{
    const struct instance *in = nb->search->in;
    int64_t worst = in->least_deviation;

    for (int p = 0; p < in->m; p++) {
        int64_t here = distance(nb->search->best.error[p]);

        if (nb->within[p] < 0 && here > worst)
            worst = here;
    }
    return worst;
}

static void add_vcpu(struct neighbourhood *nb, int i)
{
    const struct instance *in = nb->search->in;
    int at = nb->n++;

    nb->vcpus[at] = i;
    nb->bin[at] = nb->within[nb->search->best.bin[i]];
    nb->current[at] = in->home[i] < 0 ? -1 : nb->within[in->home[i]];
    nb->balance.weight[at] = in->weight[i];
    for (int q = 0; q < nb->m; q++) {
        int price = instance_price(in, i, nb->bins[q]);

        nb->allowed[at * nb->m + q] = price != INSTANCE_FORBIDDEN;
        nb->price[at * nb->m + q] = price != INSTANCE_FORBIDDEN ? price : 0;
    }
}

/* Targets are those of the whole host: a deviation in here is a deviation there. */
static void make_problem(struct neighbourhood *nb)
{
    const struct placement *best = &nb->search->best;
    const struct balance *whole = nb->search->in->balance;

    nb->n = 0;
    for (int q = 0; q < nb->m; q++) {
        int p = nb->bins[q];

        nb->balance.background[q] = whole->background[p];
        nb->balance.share[q] = whole->share[p];
        nb->balance.target[q] = whole->target[p];
        for (int i = best->first[p]; i >= 0; i = best->next[i])
            add_vcpu(nb, i);
    }
    nb->problem = *whole->problem;
    nb->problem.n_vcpus = (size_t)nb->n;
    nb->problem.n_bins = (size_t)nb->m;
    nb->problem.current = nb->current;
    nb->problem.price = nb->price;
    nb->problem.allowed = nb->allowed;
    nb->balance.problem = &nb->problem;
    nb->balance.n = nb->n;
    nb->balance.m = nb->m;
    nb->balance.parts = whole->parts;
    nb->balance.total = whole->total;
    nb->balance.least_deviation = deviation_outside(nb);
}

static int64_t allowance(int64_t most, int64_t limit, int64_t used)
{
    return limit > 0 && limit - used < most ? limit - used : most;
}

/* Whoever calls has work left: no allowance is 0, which would mean no limit. An evaluation of few bins
 * counts as a whole one where evaluations are limited at all. */
static struct work part_of(const struct work *work)
{
    return (struct work){.max_evaluations =
                             allowance(EVALUATIONS, work->max_evaluations, work->evaluations),
                         .max_kcells = allowance(KCELLS, work->max_kcells, work->kcells),
                         .max_pivots = allowance(PIVOTS, work->max_pivots, work->pivots),
                         .max_nodes = allowance(NODES, work->max_nodes, work->nodes),
                         .stop = work->stop,
                         .stop_arg = work->stop_arg};
}

static void count(const struct work *part, struct work *work)
{
    work->evaluations += part->evaluations;
    work->kcells += part->kcells;
    work->pivots += part->pivots;
    work->nodes += part->nodes;
    work->stopped = work->stopped || part->stopped;
}

static void adopt(struct neighbourhood *nb, const int *bin)
{
    struct local_search *search = nb->search;
    bool differs = false;

    for (int i = 0; i < search->in->n; i++)
        nb->plan[i] = search->best.bin[i];
    for (int k = 0; k < nb->n; k++) {
        nb->plan[nb->vcpus[k]] = nb->bins[bin[k]];
        differs = differs || bin[k] != nb->bin[k];
    }
    if (differs)
        local_search_adopt(search, nb->plan);
}

static int solve(struct neighbourhood *nb)
{
    struct work part = part_of(nb->search->work);
    enum vcpu_method method;
    struct pipeline pipeline;
    struct instance in;
    int r = instance_new(&nb->balance, &in);

    if (r < 0)
        return r;
    assert(in.n == nb->n); /* without demand are only those that float: none is left out */
    r = pipeline_new(&in, &part, &pipeline);
    if (r >= 0) {
        local_search_adopt(&pipeline.search, nb->bin);
        r = pipeline_run(&pipeline, &method);
        adopt(nb, pipeline.search.best.bin);
        pipeline_done(&pipeline);
    }
    instance_done(&in);
    count(&part, nb->search->work);
    return r;
}

int search_neighbourhoods(struct local_search *search, int most_failures)
{
    struct neighbourhood nb = {.search = search};
    int r = 0;

    if (search->in->m < FEWEST_BINS)
        return 0;
    r = take_room(&nb);
    for (int failures = 0; r >= 0 && failures < most_failures && !work_exhausted(search->work);) {
        int64_t before = search->best_objective;

        choose_bins(&nb);
        make_problem(&nb);
        r = solve(&nb);
        failures = search->best_objective < before ? 0 : failures + 1;
    }
    arena_done(&nb.arena);
    return r;
}
