/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/topology_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct cpuset set_of(const char *list)
{
    struct cpuset set;

    assert_int_equal(cpuset_parse(list, &set), 0);
    return set;
}

void give_online(struct topology_facts *facts, const char *list)
{
    facts->has_map = true;
    facts->online = set_of(list);
}

void give_cell(struct topology_facts *facts, int id, const char *list)
{
    struct topology_cell *cell = topology_add_cell(facts);

    assert_non_null(cell);
    *cell = (struct topology_cell){.id = id, .pcpus = set_of(list)};
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
    *bank = (struct topology_cache){level, set_of(list)};
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
