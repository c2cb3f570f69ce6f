/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/topology/merge.h"

#include <errno.h>
#include <stdlib.h>

#include "planner/topology/partition.h"

/* Under way; on the heap, for its size. */
struct merge {
    const struct topology_facts *facts;
    struct topology *topology;
    struct partition nodes, cores, llcs;
    struct key *keys;          /* [n_pcpus + 1] */
    size_t index[CPUSET_SIZE]; /* of the group whose least member it is */
};

/* Which group a pCPU says it belongs to. */
struct key {
    int socket, die, cluster;
    unsigned id;
};

static int order(int left, int right)
{
    return (left > right) - (left < right);
}

static int compare_groups(const struct key *left, const struct key *right)
{
    int by_socket = order(left->socket, right->socket), by_die = order(left->die, right->die);

    return by_socket ? by_socket : by_die ? by_die : order(left->cluster, right->cluster);
}

static int compare_keys(const void *a, const void *b)
{
    const struct key *left = a, *right = b;
    int by_group = compare_groups(left, right);

    return by_group ? by_group : order((int)left->id, (int)right->id);
}

/* Each pCPU's own word is enough, and both ways: siblings that one of them names are siblings. */
static void find_cores(struct merge *merge)
{
    const struct topology_facts *facts = merge->facts;
    struct topology *topology = merge->topology;

    partition_begin(&merge->cores, &topology->online);
    topology->cores_from = TOPOLOGY_FROM_NOTHING;
    for (size_t i = 0; i < facts->n_pcpus; i++) {
        const struct topology_pcpu_fact *pcpu = &facts->pcpus[i];
        struct cpuset core = pcpu->siblings;

        if (!cpuset_has(&topology->online, pcpu->id) || cpuset_count(&core) == 0)
            continue;
        cpuset_add(&core, pcpu->id);
        partition_join_all(&merge->cores, &core);
        if (topology->cores_from != TOPOLOGY_FROM_SIBLINGS)
            topology->cores_from = pcpu->is_local ? TOPOLOGY_FROM_SYSFS : TOPOLOGY_FROM_SIBLINGS;
    }
}

/* Those in none of the groups share what is left of their node. */
static void join_rest(struct merge *merge, const struct cpuset *taken)
{
    const struct topology *topology = merge->topology;

    for (size_t n = 0; n < topology->n_nodes; n++) {
        struct cpuset rest = topology->nodes[n].pcpus;

        cpuset_subtract(&rest, taken);
        partition_join_all(&merge->llcs, &rest);
    }
}

/* Caches of one level. A pCPU that is in two of them belongs to the first. False where no online
 * pCPU is in any. */
static bool group_by_caches(struct merge *merge, const struct topology_caches *caches,
                            unsigned level)
{
    struct cpuset taken = {{0}};

    partition_begin(&merge->llcs, &merge->topology->online);
    for (size_t c = 0; c < caches->n; c++) {
        struct cpuset group = caches->caches[c].pcpus;

        if (caches->caches[c].level != level)
            continue;
        cpuset_and(&group, &merge->topology->online);
        cpuset_subtract(&group, &taken);
        partition_join_all(&merge->llcs, &group);
        cpuset_or(&taken, &group);
    }
    join_rest(merge, &taken);
    return cpuset_count(&taken) > 0;
}

/* A group of several cores. What one core has to itself is no cache that guests could share. */
static bool is_wider_than_cores(struct merge *merge)
{
    return partition_count(&merge->llcs) < partition_count(&merge->cores);
}

/* Level 3 is the last one wherever there is one: level 4 is memory-side. Without it level 2 is the
 * last, if cores share it. */
static bool use_caches(struct merge *merge, const struct topology_caches *caches)
{
    return group_by_caches(merge, caches, 3) ||
           (group_by_caches(merge, caches, 2) && is_wider_than_cores(merge));
}

/* Groups that are told by their ids say more than nodes only if they divide nodes, and more than
 * cores only if they join cores. */
static bool use_ids(struct merge *merge, bool has_clusters, size_t *ret_n)
{
    const struct topology_facts *facts = merge->facts;
    struct cpuset taken = {{0}};
    size_t n = 0;

    partition_begin(&merge->llcs, &merge->topology->online);
    for (size_t i = 0; i < facts->n_pcpus; i++) {
        const struct topology_pcpu_fact *pcpu = &facts->pcpus[i];

        if (!cpuset_has(&merge->topology->online, pcpu->id) || pcpu->socket == TOPOLOGY_UNTOLD ||
            (has_clusters && pcpu->cluster == TOPOLOGY_UNTOLD))
            continue;
        merge->keys[n++] =
            (struct key){pcpu->socket, pcpu->die, has_clusters ? pcpu->cluster : 0, pcpu->id};
        cpuset_add(&taken, pcpu->id);
    }
    qsort(merge->keys, n, sizeof(*merge->keys), compare_keys);
    for (size_t i = 1; i < n; i++)
        if (compare_groups(&merge->keys[i - 1], &merge->keys[i]) == 0)
            partition_join(&merge->llcs, merge->keys[i - 1].id, merge->keys[i].id);
    join_rest(merge, &taken);
    *ret_n = partition_count(&merge->llcs);
    return is_wider_than_cores(merge) && partition_is_within(&merge->llcs, &merge->nodes) &&
           *ret_n > partition_count(&merge->nodes);
}

/* Where a die has one cluster, its id says nothing of its own. */
static enum topology_source find_llcs(struct merge *merge)
{
    size_t n_clusters, n_dies;

    if (use_caches(merge, &merge->facts->banks))
        return TOPOLOGY_FROM_BANKS;
    if (use_caches(merge, &merge->facts->local_caches))
        return TOPOLOGY_FROM_SYSFS;
    use_ids(merge, false, &n_dies);
    if (use_ids(merge, true, &n_clusters) && n_clusters > n_dies)
        return TOPOLOGY_FROM_CLUSTER;
    if (use_ids(merge, false, &n_dies))
        return TOPOLOGY_FROM_DIE;
    merge->llcs = merge->nodes;
    return TOPOLOGY_FROM_NODE;
}

static void group_nodes(struct merge *merge)
{
    const struct topology *topology = merge->topology;

    partition_begin(&merge->nodes, &topology->online);
    for (size_t n = 0; n < topology->n_nodes; n++)
        partition_join_all(&merge->nodes, &topology->nodes[n].pcpus);
}

/* The groups as sets, by their least pCPU. NULL: out of memory. */
static struct cpuset *list_groups(struct merge *merge, struct partition *partition, size_t *ret_n)
{
    const struct cpuset *members = &partition->members;
    struct cpuset *sets = calloc(partition_count(partition), sizeof(*sets));
    size_t n = 0;

    if (!sets)
        return NULL;
    for (unsigned p = cpuset_next(members, 0); p < CPUSET_SIZE; p = cpuset_next(members, p + 1)) {
        unsigned first = partition_group(partition, p);

        if (first == p)
            merge->index[p] = n++;
        cpuset_add(&sets[merge->index[first]], p);
    }
    *ret_n = n;
    return sets;
}

static int list_all(struct merge *merge)
{
    struct topology *topology = merge->topology;
    const struct cpuset *online = &topology->online;

    topology->cores = list_groups(merge, &merge->cores, &topology->n_cores);
    if (!topology->cores)
        return -ENOMEM;
    for (unsigned p = cpuset_next(online, 0); p < CPUSET_SIZE; p = cpuset_next(online, p + 1))
        topology->places[p].core = (uint16_t)merge->index[partition_group(&merge->cores, p)];
    topology->llcs = list_groups(merge, &merge->llcs, &topology->n_llcs);
    if (!topology->llcs)
        return -ENOMEM;
    for (unsigned p = cpuset_next(online, 0); p < CPUSET_SIZE; p = cpuset_next(online, p + 1))
        topology->places[p].llc = (uint16_t)merge->index[partition_group(&merge->llcs, p)];
    return 0;
}

int topology_merge(const struct topology_facts *facts, struct topology *topology)
{
    struct merge *merge = malloc(sizeof(*merge));
    int r = -ENOMEM;

    if (!merge)
        return r;
    *merge = (struct merge){.facts = facts, .topology = topology};
    merge->keys = calloc(facts->n_pcpus + 1, sizeof(*merge->keys));
    if (merge->keys) {
        group_nodes(merge);
        find_cores(merge);
        topology->llcs_from = find_llcs(merge);
        r = list_all(merge);
    }
    free(merge->keys);
    free(merge);
    return r;
}
