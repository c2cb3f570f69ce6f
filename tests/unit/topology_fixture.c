/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/topology_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/topology/seen.h"
#include "tests/unit/cpuset_fixture.h"

enum { MAX_NODES = 16 };

void give_online(struct topology_facts *facts, const char *list)
{
    facts->has_map = true;
    facts->online = cpuset_of(list);
}

void give_cell(struct topology_facts *facts, int id, const char *list)
{
    struct topology_cell *cell = topology_add_cell(facts);

    assert_non_null(cell);
    *cell = (struct topology_cell){.id = id, .pcpus = cpuset_of(list)};
    cpuset_or(&facts->mentioned, &cell->pcpus);
}

void give_distance(struct topology_facts *facts, int from, int to, unsigned value)
{
    struct topology_distance *distance = topology_add_distance(facts);

    assert_non_null(distance);
    *distance = (struct topology_distance){from, to, value};
}

void give_pcpus(struct topology_facts *facts, unsigned first, unsigned n, unsigned threads,
                int socket, int die, int cluster)
{
    for (unsigned i = 0; i < n; i++) {
        struct topology_pcpu_fact *pcpu = topology_add_pcpu(facts);

        assert_non_null(pcpu);
        *pcpu = (struct topology_pcpu_fact){first + i, socket, die, cluster, {{0}}, false};
        for (unsigned t = 0; t < threads; t++)
            cpuset_add(&pcpu->siblings, first + i / threads * threads + t);
    }
}

void give_bank(struct topology_facts *facts, unsigned level, const char *list)
{
    struct topology_cache *bank = topology_add_cache(&facts->banks);

    assert_non_null(bank);
    *bank = (struct topology_cache){level, cpuset_of(list)};
    cpuset_or(&facts->mentioned, &bank->pcpus);
}

struct topology make_topology(struct topology_facts *facts)
{
    struct topology topology;
    struct err err = {0};

    assert_int_equal(topology_build(facts, &topology, &err), 0);
    topology_facts_done(facts);
    return topology;
}

void assert_set(const struct cpuset *set, const char *list)
{
    char text[4096];

    cpuset_format(set, text, sizeof(text));
    assert_string_equal(text, list);
}

void assert_sets(const struct cpuset *sets, size_t n, const char *lists)
{
    char text[8192] = "";
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", i ? "|" : "");
        cpuset_format(&sets[i], text + used, sizeof(text) - used);
        used += strlen(text + used);
    }
    assert_string_equal(text, lists);
}

static void give_range(void (*give)(struct topology_facts *facts, unsigned number,
                                    const char *list),
                       struct topology_facts *facts, unsigned n_groups, unsigned n_pcpus)
{
    for (unsigned k = 0; k < n_groups; k++) {
        char list[40];

        snprintf(list, sizeof(list), "%u-%u", k * n_pcpus, (k + 1) * n_pcpus - 1);
        give(facts, k, list);
    }
}

static void give_node(struct topology_facts *facts, unsigned number, const char *list)
{
    give_cell(facts, (int)number, list);
}

static void give_cache(struct topology_facts *facts, unsigned number, const char *list)
{
    (void)number;
    give_bank(facts, 3, list);
}

struct topology regular_topology(const struct regular *shape)
{
    struct topology_facts facts = {0};
    unsigned in_cache = shape->cores * shape->threads, in_node = shape->caches * in_cache;
    char online[40];

    snprintf(online, sizeof(online), "0-%u", shape->nodes * in_node - 1);
    give_online(&facts, online);
    give_range(give_node, &facts, shape->nodes, in_node);
    give_pcpus(&facts, 0, shape->nodes * in_node, shape->threads, 0, 0, TOPOLOGY_UNTOLD);
    give_range(give_cache, &facts, shape->nodes * shape->caches, in_cache);
    return make_topology(&facts);
}

void give_shape(struct vcpu_sample *sample, const struct regular *shape)
{
    static int ids[MAX_NODES];
    static unsigned distances[MAX_NODES * MAX_NODES];
    struct topology topology = regular_topology(shape);
    size_t n = topology.n_nodes;

    sample->node_ids = NULL;
    sample->distances = NULL;
    assert_true(topology_mark(&topology, sample));
    topology_done(&topology);
    assert_true(n <= MAX_NODES);
    memcpy(ids, sample->node_ids, n * sizeof(*ids));
    memcpy(distances, sample->distances, n * n * sizeof(*distances));
    free(sample->node_ids);
    free(sample->distances);
    sample->node_ids = ids;
    sample->distances = distances;
}
