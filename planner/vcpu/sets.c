/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/sets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "planner/topology/seen.h"

void vcpu_sets_done(struct vcpu_sets *sets)
{
    free(sets->set);
    free(sets->of_pcpu);
    free(sets->first_pcpu);
    free(sets->pcpu);
    memset(sets, 0, sizeof(*sets));
}

static struct plan_set set_of(const struct topology *topology, const struct topology_bin *bin)
{
    double siblings = (double)(bin->n_pcpus - bin->n_cores);
    long speed_permille = 0;

    for (unsigned p = cpuset_next(&bin->pcpus, 0); p < CPUSET_SIZE;
         p = cpuset_next(&bin->pcpus, p + 1))
        speed_permille += topology->places[p].speed_permille;

    return (struct plan_set){.pcpus = bin->pcpus,
                             .n_pcpus = bin->n_pcpus,
                             .speed_permille = speed_permille,
                             .node = bin->node,
                             .cores = (double)bin->capacity / 1000 - PLAN_SIBLING_SHARE * siblings,
                             .siblings = siblings};
}

/* Appends the sets of a level. */
static int add(const struct topology *topology, enum topology_level level, struct vcpu_sets *sets)
{
    struct topology_bin *bins = NULL;
    struct plan_set *more;
    size_t n = 0;
    int r = topology_bins(topology, level, &bins, &n);

    if (r < 0)
        return r;
    more = realloc(sets->set, (sets->n_all + n + 1) * sizeof(*more));
    if (more) {
        sets->set = more;
        for (size_t b = 0; b < n; b++)
            more[sets->n_all++] = set_of(topology, &bins[b]);
    }
    free(bins);
    return more ? 0 : -ENOMEM;
}

/* A pCPU is in one set of the level, and in one node behind them. */
static int find_pcpus(const struct vcpu_sample *sample, struct vcpu_sets *sets)
{
    size_t n = 0;

    sets->of_pcpu = calloc(sample->n_pcpus + 1, sizeof(*sets->of_pcpu));
    sets->first_pcpu = calloc(sets->n_all + 1, sizeof(*sets->first_pcpu));
    sets->pcpu = calloc(2 * sample->n_pcpus + 1, sizeof(*sets->pcpu));
    if (!sets->of_pcpu || !sets->first_pcpu || !sets->pcpu)
        return -ENOMEM;
    for (size_t p = 0; p < sample->n_pcpus; p++)
        sets->of_pcpu[p] = -1;
    for (size_t s = 0; s < sets->n_all; s++) {
        for (size_t p = 0; p < sample->n_pcpus; p++) {
            if (!cpuset_has(&sets->set[s].pcpus, sample->pcpus[p].id))
                continue;
            sets->pcpu[n++] = p;
            if (s < sets->n)
                sets->of_pcpu[p] = (int)s;
        }
        sets->first_pcpu[s + 1] = n;
    }
    return 0;
}

int vcpu_sets_new(const struct vcpu_sample *sample, enum topology_level level,
                  struct vcpu_sets *ret)
{
    struct topology topology;
    int r = topology_seen(sample, &topology);

    *ret = (struct vcpu_sets){.level = level};
    if (r < 0)
        return r;
    r = add(&topology, level, ret);
    ret->n = ret->n_all;
    if (r == 0 && level < TOPOLOGY_LEVEL_NODE)
        r = add(&topology, TOPOLOGY_LEVEL_NODE, ret);
    topology_done(&topology);
    return r < 0 ? r : find_pcpus(sample, ret);
}

int vcpu_sets_holding(const struct vcpu_sets *sets, const struct cpuset *mask)
{
    struct cpuset usable = {{0}};

    for (size_t s = 0; s < sets->n; s++)
        cpuset_or(&usable, &sets->set[s].pcpus);
    cpuset_and(&usable, mask);
    if (cpuset_count(&usable) == 0)
        return -1;
    for (size_t s = 0; s < sets->n_all; s++)
        if (cpuset_is_subset(&usable, &sets->set[s].pcpus))
            return (int)s;
    return -1;
}

int vcpu_sets_levels(const struct vcpu_sample *sample, struct topology_levels *ret)
{
    struct topology topology;
    int r;

    *ret = (struct topology_levels){.level = TOPOLOGY_LEVEL_HOST};
    if (!sample->has_shape)
        return 0;
    r = topology_seen(sample, &topology);
    if (r < 0)
        return r;
    r = topology_levels(&topology, ret);
    topology_done(&topology);
    return r;
}
