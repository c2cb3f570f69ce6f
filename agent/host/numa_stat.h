/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_NUMA_STAT_H
#define EVENKEEL_AGENT_HOST_NUMA_STAT_H

#include "agent/host/cgroup.h"
#include "planner/base/sample.h"

/* Where the kernel of this machine has guests' memory. root as in root_file.h. */

/* Whether the machine has several nodes at all. */
bool numa_stat_has_nodes(const char *root);
/* Whether the kernel moves pages after the threads that use them. */
bool numa_stat_is_balancing(const char *root);

/* How the memory of the guest's own control group is spread: what its processes hold, shared pages as
 * well, and no page cache. Huge pages are counted by another file, which few hosts have: without it
 * nothing is known of a guest that has them. Shares are rounded down. False: it is not known, as where
 * the guest has no group of its own, or holds nothing. */
bool numa_stat_read(const char *root, const struct cgroup_place *place, bool has_huge_pages,
                    struct guest_memory *ret);

#endif
