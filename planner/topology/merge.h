/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_TOPOLOGY_MERGE_H
#define EVENKEEL_PLANNER_TOPOLOGY_MERGE_H

#include "planner/topology/topology.h"

/* Fills in cores, last-level caches and which pCPU is in which, from sources that overlap, miss
 * pCPUs or contradict each other. Online pCPUs and nodes are there. 0 or -ENOMEM. */
int topology_merge(const struct topology_facts *facts, struct topology *topology);

#endif
