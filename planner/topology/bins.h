/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_TOPOLOGY_BINS_H
#define EVENKEEL_PLANNER_TOPOLOGY_BINS_H

#include "planner/topology/topology.h"

/* Usable pCPUs that are one place at a level. No bin reaches beyond a node. */
struct topology_bin {
    struct cpuset pcpus;
    size_t n_pcpus, n_cores;
    size_t node;       /* index; of the host's one bin, that of its first pCPU */
    uint64_t capacity; /* work per time, in thousandths of the fastest pCPU alone on its core: each
                          further thread of a core adds a quarter of what its first one does */
};

/* Bins by their least pCPU, disjoint, all usable pCPUs together. 0 or -ENOMEM; *ret is owned. */
int topology_bins(const struct topology *topology, enum topology_level level,
                  struct topology_bin **ret, size_t *ret_n);

/* What the shape alone allows. */
struct topology_levels {
    size_t n_bins[TOPOLOGY_LEVELS];
    bool is_possible
        [TOPOLOGY_LEVELS]; /* there are several bins, and they are what they are called */
    /* The finest one that is worth a try without being asked for: pcpu on a host of at most 4
     * pCPUs; llc where caches have 4 to 32 pCPUs, at least two of them; node where nodes have 4, at
     * least two of them, or where the host is one node of caches that are larger or smaller; else
     * host. Never core. */
    enum topology_level level;
};
/* 0 or -ENOMEM. */
int topology_levels(const struct topology *topology, struct topology_levels *ret);

#endif
