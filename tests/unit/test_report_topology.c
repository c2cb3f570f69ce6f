/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/report/report_topology.h"
#include "tests/unit/topology_fixture.h"

/* A fast half of cores with two threads and a slow half, one cache over both nodes. */
static struct topology hybrid(void)
{
    struct topology_facts facts = {0};

    give_online(&facts, "0-11");
    give_cell(&facts, 0, "0-7");
    give_cell(&facts, 3, "8-11");
    facts.cells[0].memory_kib = 3 * 512 * 1024;
    give_distance(&facts, 3, 0, 21);
    give_pcpus(&facts, 0, 8, 2, 0, 0, TOPOLOGY_UNTOLD);
    give_pcpus(&facts, 8, 4, 1, 0, 0, TOPOLOGY_UNTOLD);
    give_bank(&facts, 3, "0-11");
    for (unsigned p = 0; p < 12; p++)
        facts.speed[p] = p < 8 ? 1024 : 512;
    cpuset_add(&facts.isolated, 11);
    return make_topology(&facts);
}

static void text_for_people(void **state)
{
    static const char expected[] =
        "host: 2 nodes, 1 last-level cache, 8 cores, 11 of 12 pCPUs usable\n"
        "node 0: 0-7, 1.5 GiB, distances 10 20\n"
        "  cache 0-7: 8 pCPUs, 4 cores, part of 0-11\n"
        "node 3: 8-11, distances 21 10\n"
        "  cache 8-11: 4 pCPUs, 4 cores, part of 0-11\n"
        "    core 8\n    core 9\n    core 10\n    core 11\n"
        "speed 100.0 %: 0-7\n"
        "speed 50.0 %: 8-11\n"
        "excluded: 11 isolated\n"
        "levels: pcpu (11 bins), core (7 bins), llc (2 bins), node (2 bins), host (guests float)\n"
        "level by shape: host\n"
        "from: online=map nodes=cells distances=cells cores=siblings llc=banks speeds=sysfs\n";
    static const char first_cores[] = "    core 0-1\n    core 2-3\n    core 4-5\n    core 6-7\n";
    struct topology topology = hybrid();
    struct topology_levels levels;
    char *text = NULL, *cores;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    assert_int_equal(topology_levels(&topology, &levels), 0);
    report_topology(out, &topology, &levels, true);
    assert_int_equal(fclose(out), 0);
    cores = strstr(text, first_cores);
    assert_non_null(cores);
    memmove(cores, cores + strlen(first_cores), strlen(cores + strlen(first_cores)) + 1);
    assert_string_equal(text, expected);
    free(text);
    topology_done(&topology);
}

static void an_object_for_machines(void **state)
{
    struct topology topology = hybrid();
    struct topology_levels levels;
    json_t *json, *expected;

    (void)state;
    assert_int_equal(topology_levels(&topology, &levels), 0);
    json = report_topology_json(&topology, &levels);
    expected = json_pack(
        "{s:{s:s,s:s}, s:{s:i,s:i}, s:{s:[i,i],s:[i,i]}, s:[s], s:[s,s,s,s,s,s,s,s], s:s,"
        " s:[{s:s,s:f},{s:s,s:f}], s:[{s:s,s:s}], s:{s:i,s:i,s:i,s:i,s:i}, s:s,"
        " s:s, s:s, s:s, s:s, s:s, s:s}",
        "nodes", "0", "0-7", "3", "8-11", "memory_kib", "0", 3 * 512 * 1024, "3", 0, "distances",
        "0", 10, 20, "3", 21, 10, "llcs", "0-11", "cores", "0-1", "2-3", "4-5", "6-7", "8", "9",
        "10", "11", "online", "0-11", "speeds", "pcpus", "0-7", "speed_pct", 100.0, "pcpus", "8-11",
        "speed_pct", 50.0, "excluded", "pcpus", "11", "why", "isolated", "levels", "pcpu", 11,
        "core", 7, "llc", 2, "node", 2, "host", 1, "level", topology_level_text(levels.level),
        "online_from", "map", "nodes_from", "cells", "distances_from", "cells", "cores_from",
        "siblings", "llc_from", "banks", "speeds_from", "sysfs");
    assert_non_null(expected);
    if (!json_equal(json, expected))
        fail_msg("%s", json_dumps(json, 0));
    json_decref(expected);
    json_decref(json);
    topology_done(&topology);
}

static void nothing_is_told(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;
    struct topology_levels levels;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    give_online(&facts, "0-7");
    topology = make_topology(&facts);
    assert_int_equal(topology_levels(&topology, &levels), 0);
    report_topology(out, &topology, &levels, false);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "host: 1 node, 0 last-level caches, 8 cores, 8 of 8 pCPUs usable\n"
                              "node 0: 0-7, not told\n"
                              "  no cache told, 0-7: 8 pCPUs, 8 cores\n"
                              "levels: pcpu (8 bins), host (guests float)\n"
                              "level by shape: host\n"
                              "from: online=map nodes=nothing distances=nothing cores=nothing "
                              "llc=node speeds=nothing\n");
    free(text);
    topology_done(&topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_for_people),
        cmocka_unit_test(an_object_for_machines),
        cmocka_unit_test(nothing_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
