/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/local_topology.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/host/root_file.h"

enum { MAX_INDEX = 10 }; /* caches of one pCPU; Linux has at most 4 levels of them */
enum { MAX_SPEED = 1000000 };
enum { LAST_LEVEL = 3 };

/* A number from 1 to most; 0 where there is none. */
static unsigned read_number(const char *root, const char *path, unsigned most)
{
    char text[32], *end;
    unsigned long value;

    if (root_file_text(root, path, text, sizeof(text)) < 0 || text[0] < '0' || text[0] > '9')
        return 0;
    errno = 0;
    value = strtoul(text, &end, 10);
    return errno || *end || value > most ? 0 : (unsigned)value;
}

static void read_speed(const char *root, unsigned pcpu, struct topology_facts *facts)
{
    char path[96];

    snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpu_capacity", pcpu);
    facts->speed[pcpu] = read_number(root, path, MAX_SPEED);
}

/* One of the pCPU's caches, unless one that shares it has told of it. */
static int read_cache(const char *root, unsigned pcpu, unsigned index, struct cpuset *told,
                      struct topology_facts *facts)
{
    char path[96];
    struct topology_cache *cache;
    struct cpuset pcpus;
    unsigned level;
    int n = snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cache/index%u/level", pcpu,
                     index);

    level = read_number(root, path, LAST_LEVEL);
    if (level < 2 || cpuset_has(&told[level], pcpu))
        return 0;
    memcpy(path + n - strlen("level"), "shared_cpu_map", sizeof("shared_cpu_map"));
    if (root_file_cpumask(root, path, &pcpus) < 0 || !cpuset_has(&pcpus, pcpu))
        return 0;
    cache = topology_add_cache(&facts->local_caches);
    if (!cache)
        return -ENOMEM;
    *cache = (struct topology_cache){level, pcpus};
    cpuset_or(&told[level], &pcpus);
    return 0;
}

static int read_siblings(const char *root, unsigned pcpu, struct topology_facts *facts)
{
    char path[96];
    struct topology_pcpu_fact *fact;
    struct cpuset siblings;

    snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/topology/thread_siblings", pcpu);
    if (root_file_cpumask(root, path, &siblings) < 0)
        return 0;
    fact = topology_add_pcpu(facts);
    if (!fact)
        return -ENOMEM;
    *fact = (struct topology_pcpu_fact){
        pcpu, TOPOLOGY_UNTOLD, TOPOLOGY_UNTOLD, TOPOLOGY_UNTOLD, siblings, true};
    return 0;
}

static bool has_banks(const struct topology_facts *facts)
{
    for (size_t b = 0; b < facts->banks.n; b++)
        if (facts->banks.caches[b].level == LAST_LEVEL)
            return true;
    return false;
}

/* libvirt's CPU map has a place for numbers that no pCPU has. */
static void forget_gaps(const char *root, struct topology_facts *facts)
{
    struct cpuset present;

    if (root_file_cpuset(root, "/sys/devices/system/cpu/present", &present) == 0 &&
        cpuset_count(&present) > 0)
        cpuset_and(&facts->mentioned, &present);
}

int local_topology_read(const char *root, struct topology_facts *facts)
{
    bool needs_caches = !has_banks(facts);
    struct cpuset told[LAST_LEVEL + 1] = {{{0}}}, with_fact = {{0}};
    struct cpuset pcpus;

    forget_gaps(root, facts);
    pcpus = facts->mentioned;
    cpuset_or(&pcpus, &facts->online);
    for (size_t i = 0; i < facts->n_pcpus; i++)
        cpuset_add(&with_fact, facts->pcpus[i].id);
    for (unsigned p = cpuset_next(&pcpus, 0); p < CPUSET_SIZE; p = cpuset_next(&pcpus, p + 1)) {
        read_speed(root, p, facts);
        if (!cpuset_has(&with_fact, p) && read_siblings(root, p, facts) < 0)
            return -ENOMEM;
        for (unsigned index = 0; index < MAX_INDEX && needs_caches; index++)
            if (read_cache(root, p, index, told, facts) < 0)
                return -ENOMEM;
    }
    return 0;
}
