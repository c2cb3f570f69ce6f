/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_TOPOLOGY_FACTS_H
#define EVENKEEL_PLANNER_TOPOLOGY_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/cpuset.h"

/* What was told about the host's shape, as it was told: sources overlap, contradict each other and
 * leave things out. topology_build() makes a tree of it. */

/* Linux allows at most 1024 NUMA nodes (CONFIG_NODES_SHIFT). */
enum { TOPOLOGY_MAX_NODES = 1024 };
enum { TOPOLOGY_UNTOLD = -1 };

/* A NUMA node. Ids are labels: they may be sparse. */
struct topology_cell {
    int id;
    uint64_t memory_kib;
    struct cpuset pcpus; /* none: memory alone */
};

struct topology_distance {
    int from, to; /* ids of cells */
    unsigned value;
};

/* Ids restart in each socket and each die, so that only all of them together name a group;
 * TOPOLOGY_UNTOLD where there is none. */
struct topology_pcpu_fact {
    unsigned id;
    int socket, die, cluster;
    struct cpuset siblings; /* threads of the same core, may be empty */
    bool is_local;          /* told by the kernel of the host itself and not by libvirt */
};

/* A cache that pCPUs share. */
struct topology_cache {
    unsigned level;
    struct cpuset pcpus;
};
struct topology_caches {
    struct topology_cache *caches;
    size_t n;
};

struct topology_facts {
    bool has_map;            /* the CPU map is known: */
    struct cpuset online;    /* those that it has online */
    struct cpuset mentioned; /* every pCPU that anybody names, online or not */
    struct topology_cell *cells;
    size_t n_cells;
    struct topology_distance *distances;
    size_t n_distances;
    struct topology_pcpu_fact *pcpus; /* each at most once */
    size_t n_pcpus;
    struct topology_caches banks;        /* told by libvirt */
    struct topology_caches local_caches; /* told by the kernel of the host itself */
    /* Work per time of a pCPU, in any unit, the same for all; 0: not told. */
    unsigned speed[CPUSET_SIZE];
    /* pCPUs that are kept from guests; see enum pcpu_use. */
    struct cpuset isolated, tickless, outside_slice, reserved;
};

/* Room for one more, all zero; NULL: out of memory. Pointers are valid until the next one. */
struct topology_cell *topology_add_cell(struct topology_facts *facts);
struct topology_distance *topology_add_distance(struct topology_facts *facts);
struct topology_pcpu_fact *topology_add_pcpu(struct topology_facts *facts);
struct topology_cache *topology_add_cache(struct topology_caches *caches);
/* 0 or -ENOMEM; ret needs no topology_facts_done() then. */
int topology_facts_copy(const struct topology_facts *facts, struct topology_facts *ret);
void topology_facts_done(struct topology_facts *facts);

#endif
