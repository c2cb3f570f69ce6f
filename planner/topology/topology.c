/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/topology/topology.h"

#include <errno.h>
#include <stdlib.h>

#include "planner/topology/merge.h"

enum { LOCAL_DISTANCE = 10, USUAL_DISTANCE = 20 }; /* ACPI's */

const char *topology_source_text(enum topology_source source)
{
    static const char *const texts[] = {
        [TOPOLOGY_FROM_NOTHING] = "nothing", [TOPOLOGY_FROM_MAP] = "map",
        [TOPOLOGY_FROM_CELLS] = "cells",     [TOPOLOGY_FROM_SIBLINGS] = "siblings",
        [TOPOLOGY_FROM_BANKS] = "banks",     [TOPOLOGY_FROM_SYSFS] = "sysfs",
        [TOPOLOGY_FROM_CLUSTER] = "cluster", [TOPOLOGY_FROM_DIE] = "die",
        [TOPOLOGY_FROM_NODE] = "node",
    };

    return texts[source];
}

const char *topology_reason_text(enum topology_reason reason)
{
    static const char *const texts[TOPOLOGY_REASONS] = {
        [TOPOLOGY_OFFLINE] = "offline",   [TOPOLOGY_ISOLATED] = "isolated",
        [TOPOLOGY_TICKLESS] = "tickless", [TOPOLOGY_OUTSIDE_SLICE] = "outside-slice",
        [TOPOLOGY_RESERVED] = "reserved",
    };

    return texts[reason];
}

/* The CPU map binds: cells and banks may name pCPUs that are off. */
static void set_pcpus(const struct topology_facts *facts, struct topology *topology)
{
    const struct cpuset *kept[TOPOLOGY_REASONS] = {
        [TOPOLOGY_ISOLATED] = &facts->isolated,
        [TOPOLOGY_TICKLESS] = &facts->tickless,
        [TOPOLOGY_OUTSIDE_SLICE] = &facts->outside_slice,
        [TOPOLOGY_RESERVED] = &facts->reserved,
    };

    topology->online_from = facts->has_map ? TOPOLOGY_FROM_MAP : TOPOLOGY_FROM_CELLS;
    topology->online = facts->online;
    for (size_t c = 0; c < facts->n_cells && !facts->has_map; c++)
        cpuset_or(&topology->online, &facts->cells[c].pcpus);
    topology->excluded[TOPOLOGY_OFFLINE] = facts->mentioned;
    cpuset_subtract(&topology->excluded[TOPOLOGY_OFFLINE], &topology->online);
    topology->usable = topology->online;
    for (size_t r = TOPOLOGY_ISOLATED; r < TOPOLOGY_REASONS; r++) {
        topology->excluded[r] = *kept[r];
        cpuset_and(&topology->excluded[r], &topology->usable);
        cpuset_subtract(&topology->usable, &topology->excluded[r]);
    }
}

static int compare_nodes(const void *a, const void *b)
{
    const struct topology_node *left = a, *right = b;

    return (left->id > right->id) - (left->id < right->id);
}

static struct topology_node *find_node(const struct topology *topology, int id)
{
    for (size_t n = 0; n < topology->n_nodes; n++)
        if (topology->nodes[n].id == id)
            return &topology->nodes[n];
    return NULL;
}

static const struct topology_node *search_node(const struct topology *topology, int id)
{
    const struct topology_node key = {.id = id};

    return bsearch(&key, topology->nodes, topology->n_nodes, sizeof(key), compare_nodes);
}

/* A pCPU belongs to the first cell that has it. */
static void take_cell(const struct topology_cell *cell, struct topology *topology,
                      struct cpuset *left)
{
    struct topology_node *node = find_node(topology, cell->id);
    struct cpuset pcpus = cell->pcpus;

    if (!node) {
        node = &topology->nodes[topology->n_nodes++];
        *node =
            (struct topology_node){.id = cell->id, .is_told = true, .memory_kib = cell->memory_kib};
    }
    cpuset_and(&pcpus, left);
    cpuset_or(&node->pcpus, &pcpus);
    cpuset_subtract(left, &pcpus);
}

/* What is in no cell is one node more, with the least id that is free: 0 on a host without NUMA. */
static int set_nodes(const struct topology_facts *facts, struct topology *topology)
{
    struct cpuset left = topology->online;
    int id = 0;

    topology->nodes = calloc(facts->n_cells + 1, sizeof(*topology->nodes));
    if (!topology->nodes)
        return -ENOMEM;
    topology->nodes_from = facts->n_cells > 0 ? TOPOLOGY_FROM_CELLS : TOPOLOGY_FROM_NOTHING;
    for (size_t c = 0; c < facts->n_cells; c++)
        take_cell(&facts->cells[c], topology, &left);
    if (cpuset_count(&left) > 0) {
        while (find_node(topology, id))
            id++;
        topology->nodes[topology->n_nodes++] = (struct topology_node){.id = id, .pcpus = left};
    }
    qsort(topology->nodes, topology->n_nodes, sizeof(*topology->nodes), compare_nodes);
    for (size_t n = 0; n < topology->n_nodes; n++) {
        const struct cpuset *pcpus = &topology->nodes[n].pcpus;

        for (unsigned p = cpuset_next(pcpus, 0); p < CPUSET_SIZE; p = cpuset_next(pcpus, p + 1))
            topology->places[p].node = (uint16_t)n;
    }
    return 0;
}

static int set_distances(const struct topology_facts *facts, struct topology *topology)
{
    size_t n = topology->n_nodes;

    topology->distances = calloc(n * n, sizeof(*topology->distances));
    if (!topology->distances)
        return -ENOMEM;
    topology->distances_from = TOPOLOGY_FROM_NOTHING;
    for (size_t i = 0; i < n * n; i++)
        topology->distances[i] = i / n == i % n ? LOCAL_DISTANCE : USUAL_DISTANCE;
    for (size_t d = 0; d < facts->n_distances; d++) {
        const struct topology_distance *distance = &facts->distances[d];
        const struct topology_node *from = search_node(topology, distance->from);
        const struct topology_node *to = search_node(topology, distance->to);

        if (!from || !to)
            continue;
        topology->distances_from = TOPOLOGY_FROM_CELLS;
        topology->distances[(size_t)(from - topology->nodes) * n + (size_t)(to - topology->nodes)] =
            distance->value;
    }
    return 0;
}

/* The kernel's numbers are relative to a maximum that need not be there. */
static void set_speeds(const struct topology_facts *facts, struct topology *topology)
{
    const struct cpuset *online = &topology->online;
    uint64_t most = 0;

    for (unsigned p = cpuset_next(online, 0); p < CPUSET_SIZE; p = cpuset_next(online, p + 1))
        if (facts->speed[p] > most)
            most = facts->speed[p];
    topology->speeds_from = most ? TOPOLOGY_FROM_SYSFS : TOPOLOGY_FROM_NOTHING;
    for (unsigned p = cpuset_next(online, 0); p < CPUSET_SIZE; p = cpuset_next(online, p + 1)) {
        uint64_t speed = facts->speed[p] ? facts->speed[p] : most;
        uint64_t permille = most ? (speed * 1000 + most / 2) / most : 1000;

        topology->places[p].speed_permille = (uint16_t)(permille ? permille : 1);
    }
}

int topology_build(const struct topology_facts *facts, struct topology *ret, struct err *err)
{
    struct topology topology = {0};

    set_pcpus(facts, &topology);
    if (cpuset_count(&topology.online) == 0)
        return err_set(err, -EINVAL, "the host names no pCPU that is online");
    topology.places = calloc(CPUSET_SIZE, sizeof(*topology.places));
    if (!topology.places || set_nodes(facts, &topology) < 0 ||
        set_distances(facts, &topology) < 0 || topology_merge(facts, &topology) < 0) {
        topology_done(&topology);
        return err_set(err, -ENOMEM, "out of memory");
    }
    set_speeds(facts, &topology);
    *ret = topology;
    return 0;
}

void topology_done(struct topology *topology)
{
    free(topology->nodes);
    free(topology->distances);
    free(topology->llcs);
    free(topology->cores);
    free(topology->places);
    *topology = (struct topology){0};
}
