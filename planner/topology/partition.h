/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_TOPOLOGY_PARTITION_H
#define EVENKEEL_PLANNER_TOPOLOGY_PARTITION_H

#include <stdbool.h>

#include "planner/base/cpuset.h"

/* pCPUs in disjoint groups. Each group is known by its least member. */
struct partition {
    struct cpuset members;
    unsigned parent[CPUSET_SIZE]; /* of members; see partition_group() */
};

/* Each pCPU of the set alone. */
void partition_begin(struct partition *ret, const struct cpuset *members);
/* Puts the groups of two members together. */
void partition_join(struct partition *partition, unsigned a, unsigned b);
/* The same of all members in the set, as far as they are in the partition. */
void partition_join_all(struct partition *partition, const struct cpuset *set);
/* The least member of a member's group. */
unsigned partition_group(struct partition *partition, unsigned member);
size_t partition_count(struct partition *partition);
/* Whether each group of a lies within one group of b. Both have the same members. */
bool partition_is_within(struct partition *a, struct partition *b);

#endif
