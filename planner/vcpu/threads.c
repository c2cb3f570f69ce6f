/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/threads.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Threads of a core; POWER has 8. */
enum { MOST_THREADS = 8 };
/* Two to the power of it divisions of a core of two threads are tried. */
enum { MOST_TRIED = 12 };
/* What a new pin has to even out; less is noise. */
enum { WORTH_PERMILLE = 20 };
/* Two deadbands: what a new division of a core has to gain to be worth it by itself. */
static const double DEADBANDS = 2;

/* A core and the items on it. */
struct core {
    const struct vcpu_sample *sample;
    const struct vcpu_tracks *tracks;
    const struct vcpu_build *build;
    size_t pcpu[MOST_THREADS];
    size_t n;
    int beside[MOST_THREADS]; /* permille: what runs there and is not divided */
    size_t *item;             /* [n_items] the heaviest first */
    size_t n_items;
    int *thread, *best; /* [n_items] */
};

bool threads_are_shared(const struct vcpu_sample *sample)
{
    for (size_t p = 0; sample->has_shape && p < sample->n_pcpus; p++)
        if (sample->pcpus[p].use == PCPU_USABLE && threads_sibling(sample, p) != SIZE_MAX)
            return true;
    return false;
}

size_t threads_sibling(const struct vcpu_sample *sample, size_t pcpu)
{
    const struct topology_place *place = &sample->pcpus[pcpu].place;

    for (size_t p = pcpu; p-- > 0;)
        if (sample->pcpus[p].use == PCPU_USABLE && sample->pcpus[p].place.core == place->core &&
            sample->pcpus[p].place.node == place->node)
            return p;
    return SIZE_MAX;
}

size_t threads_of_core(const struct vcpu_sample *sample, size_t pcpu, size_t from)
{
    const struct topology_place *place = &sample->pcpus[pcpu].place;

    while (from < sample->n_pcpus && from != pcpu &&
           !(sample->has_shape && sample->pcpus[from].use == PCPU_USABLE &&
             sample->pcpus[from].place.core == place->core &&
             sample->pcpus[from].place.node == place->node))
        from++;
    return from;
}

static int demand(const struct core *core, size_t k)
{
    return core->build->charge_permille[core->build->index[core->item[k]]];
}

/* The thread on which an item is; -1: on none of them. */
static int thread_now(const struct core *core, size_t k)
{
    int at = core->sample->vcpus[core->build->index[core->item[k]]].at;

    for (size_t t = 0; t < core->n; t++)
        if ((int)core->pcpu[t] == at)
            return (int)t;
    return -1;
}

static bool may_be(const struct core *core, size_t k, size_t thread)
{
    size_t i = core->build->index[core->item[k]];
    bool is_here = thread_now(core, k) == (int)thread;

    if (core->build->roles[i] == VCPU_STAYS ||
        (core->build->keeps_threads && core->build->roles[i] != VCPU_MUST &&
         thread_now(core, k) >= 0))
        return is_here;
    return (is_here && core->build->roles[i] != VCPU_MUST) ||
           vcpu_track_may(core->tracks, i)[core->pcpu[thread]];
}

/* The largest difference of two threads' loads, in permille. */
static int spread(const struct core *core, const int *thread)
{
    int load[MOST_THREADS], least = INT_MAX, most = 0;

    memcpy(load, core->beside, sizeof(load));
    for (size_t k = 0; k < core->n_items; k++)
        if (thread[k] >= 0)
            load[thread[k]] += demand(core, k);
    for (size_t t = 0; t < core->n; t++) {
        least = load[t] < least ? load[t] : least;
        most = load[t] > most ? load[t] : most;
    }
    return most - least;
}

static size_t moves(const struct core *core, const int *thread)
{
    size_t n = 0;

    for (size_t k = 0; k < core->n_items; k++)
        n += thread[k] != thread_now(core, k);
    return n;
}

static bool is_better(const struct core *core)
{
    return spread(core, core->thread) + WORTH_PERMILLE * (int)moves(core, core->thread) <
           spread(core, core->best) + WORTH_PERMILLE * (int)moves(core, core->best);
}

/* Each to the thread with the least load so far. */
static void deal(struct core *core, int *thread)
{
    int load[MOST_THREADS];

    memcpy(load, core->beside, sizeof(load));
    for (size_t k = 0; k < core->n_items; k++) {
        int best = -1;

        for (size_t t = 0; t < core->n; t++)
            if (may_be(core, k, t) && (best < 0 || load[t] < load[best] ||
                                       (load[t] == load[best] && thread_now(core, k) == (int)t)))
                best = (int)t;
        thread[k] = best < 0 ? 0 : best;
        load[thread[k]] += demand(core, k);
    }
}

/* Every division of the items from k on. */
static void try_all(struct core *core, size_t k)
{
    if (k == core->n_items) {
        if (is_better(core))
            memcpy(core->best, core->thread, core->n_items * sizeof(*core->best));
        return;
    }
    for (size_t t = 0; t < core->n; t++)
        if (may_be(core, k, t)) {
            core->thread[k] = (int)t;
            try_all(core, k + 1);
        }
}

static void divide(struct core *core)
{
    size_t tries = 1;

    for (size_t k = 0; k < core->n_items && tries <= (size_t)1 << MOST_TRIED; k++)
        tries *= core->n;
    deal(core, core->best);
    if (tries <= (size_t)1 << MOST_TRIED)
        try_all(core, 0);
}

static void sort_heaviest(struct core *core)
{
    for (size_t k = 1; k < core->n_items; k++)
        for (size_t j = k; j > 0 && demand(core, j) > demand(core, j - 1); j--) {
            size_t item = core->item[j];

            core->item[j] = core->item[j - 1];
            core->item[j - 1] = item;
        }
}

/* What is there that the problem does not move. */
static int load_beside(const struct core *core, size_t pcpu)
{
    const struct vcpu_build *build = core->build;
    int load = build->background_permille[pcpu];

    for (size_t i = 0; i < core->sample->n_vcpus; i++)
        if (build->roles[i] == VCPU_BARRED && core->sample->vcpus[i].at == (int)pcpu)
            load += build->charge_permille[i];
    return load;
}

static void look_at(struct core *core, size_t bin, const int *bin_of)
{
    const struct vcpu_build *build = core->build;

    core->n = core->n_items = 0;
    for (size_t p = build->pcpu_of[bin]; p != SIZE_MAX && core->n < MOST_THREADS;
         p = build->next_pcpu[p]) {
        core->beside[core->n] = load_beside(core, p);
        core->pcpu[core->n++] = p;
    }
    for (size_t k = 0; k < build->problem.n_items; k++)
        if (bin_of[k] == (int)bin)
            core->item[core->n_items++] = k;
    sort_heaviest(core);
}

static int begin(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                 const struct vcpu_build *build, struct core *ret)
{
    size_t n = build->problem.n_items + 1;

    *ret = (struct core){.sample = sample,
                         .tracks = tracks,
                         .build = build,
                         .item = calloc(n, sizeof(*ret->item)),
                         .thread = calloc(n, sizeof(*ret->thread)),
                         .best = calloc(n, sizeof(*ret->best))};
    return ret->item && ret->thread && ret->best ? 0 : -ENOMEM;
}

static void end(struct core *core)
{
    free(core->item);
    free(core->thread);
    free(core->best);
}

int threads_look(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                 struct vcpu_build *build)
{
    struct core core;
    int r = begin(sample, tracks, build, &core);

    for (size_t b = 0; r == 0 && b < build->problem.n_bins; b++) {
        look_at(&core, b, build->problem.current);
        if (core.n < 2 || core.n_items == 0)
            continue;
        for (size_t k = 0; k < core.n_items; k++)
            core.thread[k] = thread_now(&core, k);
        divide(&core);
        for (size_t k = 0; k < core.n_items; k++)
            core.thread[k] = thread_now(&core, k);
        build->divides[b] = spread(&core, core.thread) - spread(&core, core.best) >
                            10 * DEADBANDS * build->deadband_points;
        build->any_divides = build->any_divides || build->divides[b];
    }
    end(&core);
    return r;
}

/* Whether somebody enters or leaves the core. */
static bool is_changed(const struct vcpu_build *build, const int *bin_of, size_t bin)
{
    for (size_t k = 0; k < build->problem.n_items; k++)
        if ((bin_of[k] == (int)bin) != (build->problem.current[k] == (int)bin))
            return true;
    return false;
}

int threads_divide(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                   const struct vcpu_build *build, const int *bin_of, size_t *ret)
{
    struct core core;
    int r = begin(sample, tracks, build, &core);

    for (size_t k = 0; k < build->problem.n_items; k++)
        ret[k] = SIZE_MAX;
    for (size_t b = 0; r == 0 && b < build->problem.n_bins; b++) {
        bool stays = !is_changed(build, bin_of, b) && !build->divides[b];

        look_at(&core, b, bin_of);
        if (!stays)
            divide(&core);
        for (size_t k = 0; k < core.n_items; k++)
            ret[core.item[k]] = stays ? (size_t)sample->vcpus[build->index[core.item[k]]].at
                                      : core.pcpu[core.best[k]];
    }
    end(&core);
    return r;
}

void threads_fold(const struct vcpu_sample *sample, int64_t *load)
{
    for (size_t p = sample->n_pcpus; p-- > 0;) {
        double worth = 1;
        size_t first = p;

        if (sample->pcpus[p].use != PCPU_USABLE || load[p] < 0)
            continue;
        for (size_t q = threads_sibling(sample, p); q != SIZE_MAX; q = threads_sibling(sample, q)) {
            load[q] += load[first];
            load[first] = -1;
            first = q;
            worth += PLAN_SIBLING_SHARE;
        }
        load[first] = (int64_t)((double)load[first] / worth);
    }
}

/* What is known of cores, by their number. */
struct cores {
    double busy[CPUSET_SIZE]; /* all threads together */
    uint16_t n[CPUSET_SIZE];  /* those of the mask that is looked at */
};

static double own_busy(const struct background *background)
{
    return background->known ? fmin(1, background->busy) : 0;
}

/* Cores of which a vCPU may use several threads. */
struct shared_cores {
    double n, n_threads;
    double beside; /* of each thread, how busy its siblings would be if none were preferred */
    double busy, variance; /* threads that are busy at an instant */
};

/* How many of the threads are busy beyond one for each core, on average: a normal variable's part above
 * 0, with this mean. */
static double mean_above(double mean, double variance)
{
    static const double TWO_PI = 6.283185307179586;

    if (!(variance > 0))
        return fmax(0, mean);
    return mean * erfc(-mean / sqrt(2 * variance)) / 2 +
           sqrt(variance / TWO_PI) * exp(-mean * mean / (2 * variance));
}

/* How busy a sibling is while a vCPU that ran for `own` of the time runs: the kernel takes idle cores
 * first, so only who finds none shares one. Threads are busy independently. */
static double beside_in(const struct shared_cores *shared, double own)
{
    double others = fmax(0, shared->busy - own);
    double too_many = mean_above(others + 1 - shared->n, shared->variance);

    return fmin(shared->beside / shared->n_threads, 2 * too_many / (others + 1));
}

/* For which part of the time that a vCPU ran somebody else ran on a sibling: the mean over the pCPUs
 * where it may run. It ran there itself, evenly, and not beside itself. */
static double busy_beside(const struct vcpu_sample *sample, const struct background *backgrounds,
                          const struct vcpu_reading *reading, double used, struct cores *cores)
{
    double n = (double)cpuset_count(&reading->affinity), sum = 0;
    struct shared_cores shared = {0};

    for (size_t p = 0; p < sample->n_pcpus; p++)
        cores->n[sample->pcpus[p].place.core] = 0;
    for (size_t p = 0; p < sample->n_pcpus; p++)
        cores->n[sample->pcpus[p].place.core] +=
            cpuset_has(&reading->affinity, sample->pcpus[p].id);
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        uint16_t core = sample->pcpus[p].place.core, n_threads = cores->n[core];
        double own = own_busy(&backgrounds[p]);

        if (!cpuset_has(&reading->affinity, sample->pcpus[p].id))
            continue;
        if (n_threads == 1) {
            sum += fmin(1, fmax(0, cores->busy[core] - own));
            continue;
        }
        shared.n += 1.0 / n_threads;
        shared.n_threads++;
        shared.beside += fmin(1, fmax(0, cores->busy[core] - used * n_threads / n));
        shared.busy += own;
        shared.variance += own * (1 - own);
    }
    if (shared.n_threads > 0)
        sum += shared.n_threads * beside_in(&shared, used * shared.n_threads / n);
    return n > 0 ? sum / n : 0;
}

int threads_correct(const struct vcpu_sample *sample, const struct background *backgrounds,
                    const struct vcpu_usage *usage, struct vcpu_demand *demand)
{
    struct cores *cores = calloc(1, sizeof(*cores));

    if (!cores)
        return -ENOMEM;
    for (size_t p = 0; p < sample->n_pcpus; p++)
        cores->busy[sample->pcpus[p].place.core] += own_busy(&backgrounds[p]);
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        double u = demand[i].demand, beside, r;

        if (!(u > 0))
            continue;
        beside = busy_beside(sample, backgrounds, &sample->vcpus[i], usage[i].usage, cores);
        r = 1 - beside * (1 - PLAN_SIBLING_SHARE) / 2;
        demand[i].demand = demand_at_full_rate(u, r);
        demand[i].least = fmin(demand[i].least, demand[i].demand);
    }
    free(cores);
    return 0;
}
