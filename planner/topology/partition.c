/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/topology/partition.h"

void partition_begin(struct partition *ret, const struct cpuset *members)
{
    ret->members = *members;
    for (unsigned p = 0; p < CPUSET_SIZE; p++)
        ret->parent[p] = p;
}

/* Paths are halved on the way; a parent is never larger than its child. */
unsigned partition_group(struct partition *partition, unsigned member)
{
    unsigned *parent = partition->parent;

    while (parent[member] != member) {
        parent[member] = parent[parent[member]];
        member = parent[member];
    }
    return member;
}

void partition_join(struct partition *partition, unsigned a, unsigned b)
{
    a = partition_group(partition, a);
    b = partition_group(partition, b);
    if (a < b)
        partition->parent[b] = a;
    else
        partition->parent[a] = b;
}

void partition_join_all(struct partition *partition, const struct cpuset *set)
{
    struct cpuset inside = *set;
    unsigned first;

    cpuset_and(&inside, &partition->members);
    first = cpuset_next(&inside, 0);
    for (unsigned p = first; p < CPUSET_SIZE; p = cpuset_next(&inside, p + 1))
        partition_join(partition, first, p);
}

size_t partition_count(struct partition *partition)
{
    const struct cpuset *members = &partition->members;
    size_t n = 0;

    for (unsigned p = cpuset_next(members, 0); p < CPUSET_SIZE; p = cpuset_next(members, p + 1))
        n += partition->parent[p] == p;
    return n;
}

bool partition_is_within(struct partition *a, struct partition *b)
{
    const struct cpuset *members = &a->members;

    for (unsigned p = cpuset_next(members, 0); p < CPUSET_SIZE; p = cpuset_next(members, p + 1))
        if (partition_group(b, p) != partition_group(b, partition_group(a, p)))
            return false;
    return true;
}
