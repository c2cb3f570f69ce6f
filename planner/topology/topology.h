/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_TOPOLOGY_TOPOLOGY_H
#define EVENKEEL_PLANNER_TOPOLOGY_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/cpuset.h"
#include "planner/base/err.h"
#include "planner/base/shape.h"
#include "planner/topology/facts.h"

/* The host's shape, made of what was told: NUMA nodes, last-level caches, cores, and which pCPUs
 * guests may use. Nodes, caches and cores each divide the online pCPUs; a cache may be wider than
 * a node. */

/* Where a part of the tree is from. Where a source tells nothing that can be used, the next one
 * counts. */
enum topology_source {
    TOPOLOGY_FROM_NOTHING, /* not told: one node, one pCPU to a core, equal speeds, usual distances */
    TOPOLOGY_FROM_MAP,     /* libvirt's CPU map */
    TOPOLOGY_FROM_CELLS,   /* libvirt's NUMA cells */
    TOPOLOGY_FROM_SIBLINGS, /* what each pCPU says of the threads of its core */
    TOPOLOGY_FROM_BANKS,    /* libvirt's cache banks */
    TOPOLOGY_FROM_SYSFS,    /* the host's own kernel */
    TOPOLOGY_FROM_CLUSTER,  /* groups of the same cluster id; for caches that nobody tells */
    TOPOLOGY_FROM_DIE,      /* the same of (socket, die) */
    TOPOLOGY_FROM_NODE,     /* the same of nodes */
};
const char *topology_source_text(enum topology_source source); /* "banks" */

/* Why guests may not use a pCPU. Of several reasons the first one counts. */
enum topology_reason {
    TOPOLOGY_OFFLINE,
    TOPOLOGY_ISOLATED,
    TOPOLOGY_TICKLESS,
    TOPOLOGY_OUTSIDE_SLICE,
    TOPOLOGY_RESERVED,
    TOPOLOGY_REASONS
};
const char *topology_reason_text(enum topology_reason reason); /* "offline" */

struct topology_node {
    int id;
    bool is_told;        /* false: made for pCPUs that are in no cell */
    uint64_t memory_kib; /* 0: not told */
    struct cpuset pcpus; /* online; none: memory alone */
};

struct topology {
    struct cpuset online, usable;             /* usable: online and not excluded */
    struct cpuset excluded[TOPOLOGY_REASONS]; /* disjoint */
    struct topology_node *nodes;              /* by id */
    size_t n_nodes;
    unsigned *distances;         /* [from * n_nodes + to]; 10 is local */
    struct cpuset *llcs, *cores; /* by their least pCPU */
    size_t n_llcs, n_cores;
    struct topology_place *places; /* [CPUSET_SIZE]; of online pCPUs, indices into the arrays */
    enum topology_source online_from, nodes_from, distances_from, cores_from, llcs_from,
        speeds_from;
};

/* 0, -ENOMEM, or -EINVAL with a sentence where no pCPU is known. */
int topology_build(const struct topology_facts *facts, struct topology *ret, struct err *err);
void topology_done(struct topology *topology);

#endif
