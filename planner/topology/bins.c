/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/topology/bins.h"

#include <errno.h>
#include <stdlib.h>

/* In thousandths of its first thread, what each further thread adds to a core. */
enum { THREAD_ADDS = 250 };
/* Bins of fewer pCPUs make guests wait that floated freely; in bins of more, a cache is no longer
 * near to all. */
enum { LEAST_PCPUS = 4, MOST_LLC_PCPUS = 32 };

/* Where a pCPU is, from what divides coarsely to what divides finely. */
struct spot {
    uint16_t node, llc, core;
    unsigned pcpu;
};

static struct spot spot_of(const struct topology *topology, unsigned pcpu,
                           enum topology_level level)
{
    const struct topology_place *place = &topology->places[pcpu];

    return (struct spot){
        .node = level <= TOPOLOGY_LEVEL_NODE ? place->node : 0,
        .llc = level <= TOPOLOGY_LEVEL_LLC ? place->llc : 0,
        .core = level <= TOPOLOGY_LEVEL_CORE ? place->core : 0,
        .pcpu = pcpu,
    };
}

static int order(unsigned left, unsigned right)
{
    return (left > right) - (left < right);
}

static int compare_places(const struct spot *left, const struct spot *right)
{
    int by_node = order(left->node, right->node), by_llc = order(left->llc, right->llc);

    return by_node ? by_node : by_llc ? by_llc : order(left->core, right->core);
}

static int compare_spots(const void *a, const void *b)
{
    const struct spot *left = a, *right = b;
    int by_place = compare_places(left, right);

    return by_place ? by_place : order(left->pcpu, right->pcpu);
}

static int compare_bins(const void *a, const void *b)
{
    const struct topology_bin *left = a, *right = b;

    return order(cpuset_next(&left->pcpus, 0), cpuset_next(&right->pcpus, 0));
}

/* A core gives what its fastest thread gives, and a part of that for each other one. */
static void fill_capacity(const struct topology *topology, struct topology_bin *bin)
{
    const struct cpuset *pcpus = &bin->pcpus;

    for (unsigned p = cpuset_next(pcpus, 0); p < CPUSET_SIZE; p = cpuset_next(pcpus, p + 1)) {
        const struct topology_place *place = &topology->places[p];
        struct cpuset core = topology->cores[place->core];
        uint64_t fastest = 0;

        cpuset_and(&core, pcpus);
        if (cpuset_next(&core, 0) != p)
            continue;
        for (unsigned t = p; t < CPUSET_SIZE; t = cpuset_next(&core, t + 1))
            if (topology->places[t].speed_permille > fastest)
                fastest = topology->places[t].speed_permille;
        bin->n_cores++;
        bin->capacity += fastest * (1000 + THREAD_ADDS * (cpuset_count(&core) - 1)) / 1000;
    }
}

int topology_bins(const struct topology *topology, enum topology_level level,
                  struct topology_bin **ret, size_t *ret_n)
{
    size_t n_pcpus = cpuset_count(&topology->usable), n = 0, i = 0;
    struct topology_bin *bins = calloc(n_pcpus + 1, sizeof(*bins));
    struct spot *spots = calloc(n_pcpus + 1, sizeof(*spots));
    bool has_memory = bins && spots;

    for (unsigned p = cpuset_next(&topology->usable, 0); has_memory && p < CPUSET_SIZE;
         p = cpuset_next(&topology->usable, p + 1))
        spots[i++] = spot_of(topology, p, level);
    if (has_memory)
        qsort(spots, n_pcpus, sizeof(*spots), compare_spots);
    for (i = 0; has_memory && i < n_pcpus; i++) {
        if (i == 0 || level == TOPOLOGY_LEVEL_PCPU || compare_places(&spots[i - 1], &spots[i]) != 0)
            bins[n++].node = topology->places[spots[i].pcpu].node;
        cpuset_add(&bins[n - 1].pcpus, spots[i].pcpu);
        bins[n - 1].n_pcpus++;
    }
    for (i = 0; i < n; i++)
        fill_capacity(topology, &bins[i]);
    free(spots);
    if (!has_memory) {
        free(bins);
        return -ENOMEM;
    }
    qsort(bins, n, sizeof(*bins), compare_bins);
    *ret = bins;
    *ret_n = n;
    return 0;
}

/* Two bins of the right size, and half of the host in such bins. */
static bool has_room(const struct topology_bin *bins, size_t n, size_t most_pcpus)
{
    size_t n_right = 0, n_inside = 0, n_pcpus = 0;

    for (size_t b = 0; b < n; b++) {
        bool is_right = bins[b].n_pcpus >= LEAST_PCPUS && bins[b].n_pcpus <= most_pcpus;

        n_pcpus += bins[b].n_pcpus;
        n_inside += is_right ? bins[b].n_pcpus : 0;
        n_right += is_right;
    }
    return n_right >= 2 && 2 * n_inside >= n_pcpus;
}

/* Several, told as such: nodes do not stand in for them. */
static bool has_caches(const struct topology *topology, const size_t n_bins[TOPOLOGY_LEVELS])
{
    return topology->llcs_from != TOPOLOGY_FROM_NODE && n_bins[TOPOLOGY_LEVEL_LLC] > 1;
}

static enum topology_level choose(const struct topology_levels *levels, bool has_several_caches,
                                  const bool has_room_at[TOPOLOGY_LEVELS])
{
    size_t n_pcpus = levels->n_bins[TOPOLOGY_LEVEL_PCPU];

    if (n_pcpus > 0 && n_pcpus <= LEAST_PCPUS)
        return TOPOLOGY_LEVEL_PCPU;
    if (levels->is_possible[TOPOLOGY_LEVEL_LLC] && has_room_at[TOPOLOGY_LEVEL_LLC])
        return TOPOLOGY_LEVEL_LLC;
    if (has_room_at[TOPOLOGY_LEVEL_NODE] ||
        (has_several_caches && levels->n_bins[TOPOLOGY_LEVEL_NODE] == 1))
        return TOPOLOGY_LEVEL_NODE;
    return TOPOLOGY_LEVEL_HOST;
}

int topology_levels(const struct topology *topology, struct topology_levels *ret)
{
    bool has_room_at[TOPOLOGY_LEVELS] = {false};
    struct topology_levels levels = {.is_possible = {[TOPOLOGY_LEVEL_HOST] = true}};
    size_t *n = levels.n_bins;

    for (int level = 0; level < TOPOLOGY_LEVELS; level++) {
        struct topology_bin *bins;
        int r = topology_bins(topology, (enum topology_level)level, &bins, &n[level]);

        if (r < 0)
            return r;
        has_room_at[level] =
            has_room(bins, n[level], level == TOPOLOGY_LEVEL_LLC ? MOST_LLC_PCPUS : SIZE_MAX);
        free(bins);
    }
    levels.is_possible[TOPOLOGY_LEVEL_PCPU] = n[TOPOLOGY_LEVEL_PCPU] > 1;
    levels.is_possible[TOPOLOGY_LEVEL_CORE] =
        n[TOPOLOGY_LEVEL_CORE] > 1 && n[TOPOLOGY_LEVEL_CORE] < n[TOPOLOGY_LEVEL_PCPU];
    levels.is_possible[TOPOLOGY_LEVEL_LLC] =
        has_caches(topology, n) && n[TOPOLOGY_LEVEL_LLC] < n[TOPOLOGY_LEVEL_CORE];
    levels.is_possible[TOPOLOGY_LEVEL_NODE] = n[TOPOLOGY_LEVEL_NODE] > 1;
    levels.level = choose(&levels, has_caches(topology, n), has_room_at);
    *ret = levels;
    return 0;
}
