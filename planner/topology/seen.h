/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_TOPOLOGY_SEEN_H
#define EVENKEEL_PLANNER_TOPOLOGY_SEEN_H

#include "planner/base/sample.h"
#include "planner/topology/topology.h"

/* The host's shape as a sample has it: a plan is made from the sample alone, and so is its replay. */

/* Writes down where the sample's pCPUs are. What vCPUs may use becomes what is on the nodes to which
 * their guest's memory is bound, where they may use anything there. A pCPU that the tree does not have
 * came online since it was read: false, and the sample has no shape; likewise without memory. */
bool topology_mark(const struct topology *topology, struct vcpu_sample *sample);

/* The tree of a marked sample: its usable pCPUs, nodes, caches and cores, and nothing of what the
 * sample does not hold (memory, distances, sources). 0 or -ENOMEM; topology_done() is due where it
 * is 0. */
int topology_seen(const struct vcpu_sample *sample, struct topology *ret);

#endif
