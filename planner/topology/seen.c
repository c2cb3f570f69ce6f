/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/topology/seen.h"

#include <errno.h>
#include <stdlib.h>

static bool mark_nodes(const struct topology *topology, struct vcpu_sample *sample)
{
    size_t n = topology->n_nodes;
    int *ids = calloc(n + 1, sizeof(*ids)), r = -ENOMEM;

    for (size_t k = 0; ids && k < n; k++)
        ids[k] = topology->nodes[k].id;
    if (ids)
        r = vcpu_sample_set_nodes(sample, n, ids, topology->distances);
    free(ids);
    return r == 0;
}

static bool may_use(const struct topology *topology, const struct vcpu_reading *reading,
                    const struct cpuset *bound, struct cpuset *ret)
{
    *ret = (struct cpuset){{0}};
    for (size_t n = 0; n < topology->n_nodes; n++)
        if (topology->nodes[n].id >= 0 && cpuset_has(bound, (unsigned)topology->nodes[n].id))
            cpuset_or(ret, &topology->nodes[n].pcpus);
    cpuset_and(ret, &reading->allowed);
    return cpuset_count(ret) > 0;
}

/* The vCPUs of a guest follow the memory that its definition binds. Where no pCPU is there that they
 * may use, the definition wants them apart. */
static void bind_to_memory(const struct topology *topology, struct vcpu_sample *sample)
{
    size_t g = 0;

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        struct vcpu_reading *reading = &sample->vcpus[i];
        struct cpuset may;

        while (g < sample->n_guests && guest_compare(&sample->guests[g].guest, &reading->guest) < 0)
            g++;
        if (g < sample->n_guests && guest_compare(&sample->guests[g].guest, &reading->guest) == 0 &&
            sample->guests[g].memory.is_bound &&
            may_use(topology, reading, &sample->guests[g].memory.bound, &may))
            reading->allowed = may;
    }
}

bool topology_mark(const struct topology *topology, struct vcpu_sample *sample)
{
    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (!cpuset_has(&topology->online, sample->pcpus[p].id))
            return false;
    if (!mark_nodes(topology, sample))
        return false;
    for (size_t p = 0; p < sample->n_pcpus; p++)
        sample->pcpus[p].place = topology->places[sample->pcpus[p].id];
    bind_to_memory(topology, sample);
    sample->has_shape = true;
    sample->has_caches = topology->llcs_from != TOPOLOGY_FROM_NODE;
    return true;
}

static size_t one_more(size_t n, uint16_t number)
{
    return number >= n ? (size_t)number + 1 : n;
}

static void count(const struct vcpu_sample *sample, struct topology *topology)
{
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        const struct topology_place *place = &sample->pcpus[p].place;

        topology->n_nodes = one_more(topology->n_nodes, place->node);
        topology->n_llcs = one_more(topology->n_llcs, place->llc);
        topology->n_cores = one_more(topology->n_cores, place->core);
    }
}

static void fill(const struct vcpu_sample *sample, struct topology *topology)
{
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        const struct pcpu_reading *pcpu = &sample->pcpus[p];

        cpuset_add(&topology->online, pcpu->id);
        if (pcpu->use == PCPU_USABLE)
            cpuset_add(&topology->usable, pcpu->id);
        topology->places[pcpu->id] = pcpu->place;
        cpuset_add(&topology->nodes[pcpu->place.node].pcpus, pcpu->id);
        cpuset_add(&topology->llcs[pcpu->place.llc], pcpu->id);
        cpuset_add(&topology->cores[pcpu->place.core], pcpu->id);
    }
    for (size_t n = 0; n < topology->n_nodes; n++)
        topology->nodes[n].id = (int)n;
}

int topology_seen(const struct vcpu_sample *sample, struct topology *ret)
{
    struct topology topology = {.llcs_from =
                                    sample->has_caches ? TOPOLOGY_FROM_BANKS : TOPOLOGY_FROM_NODE};

    count(sample, &topology);
    topology.nodes = calloc(topology.n_nodes + 1, sizeof(*topology.nodes));
    topology.llcs = calloc(topology.n_llcs + 1, sizeof(*topology.llcs));
    topology.cores = calloc(topology.n_cores + 1, sizeof(*topology.cores));
    topology.places = calloc(CPUSET_SIZE, sizeof(*topology.places));
    if (!topology.nodes || !topology.llcs || !topology.cores || !topology.places) {
        topology_done(&topology);
        return -ENOMEM;
    }
    fill(sample, &topology);
    *ret = topology;
    return 0;
}
