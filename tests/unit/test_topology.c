/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/cpuset_fixture.h"
#include "tests/unit/topology_fixture.h"

static void the_cpu_map_says_who_is_online(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;

    (void)state;
    give_online(&facts, "0,2-5");
    give_cell(&facts, 0, "0-3");
    give_cell(&facts, 1, "4-7");
    topology = make_topology(&facts);
    assert_set(&topology.online, "0,2-5");
    assert_set(&topology.nodes[0].pcpus, "0,2-3");
    assert_set(&topology.nodes[1].pcpus, "4-5");
    assert_set(&topology.excluded[TOPOLOGY_OFFLINE], "1,6-7");
    assert_int_equal(topology.online_from, TOPOLOGY_FROM_MAP);
    topology_done(&topology);
}

static void without_a_map_cells_say_it(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;

    (void)state;
    give_cell(&facts, 0, "0-3");
    give_bank(&facts, 3, "0-5");
    topology = make_topology(&facts);
    assert_set(&topology.online, "0-3");
    assert_set(&topology.excluded[TOPOLOGY_OFFLINE], "4-5");
    assert_int_equal(topology.online_from, TOPOLOGY_FROM_CELLS);
    topology_done(&topology);
}

static void a_host_without_pcpus_is_refused(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;
    struct err err = {0};

    (void)state;
    assert_int_equal(topology_build(&facts, &topology, &err), -EINVAL);
    assert_string_equal(err.text, "the host names no pCPU that is online");
    give_cell(&facts, 0, "0-3");
    facts.has_map = true;
    assert_int_equal(topology_build(&facts, &topology, &err), -EINVAL);
    topology_facts_done(&facts);
}

/* Ids are labels, a node may be memory alone, and a pCPU is in one node. */
static void the_first_cell_that_has_a_pcpu_counts(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;

    (void)state;
    give_online(&facts, "0-9");
    give_cell(&facts, 250, "");
    give_cell(&facts, 8, "4-7,0");
    give_cell(&facts, 1, "0-3,4");
    give_cell(&facts, 8, "4-8"); /* the same cell once more */
    topology = make_topology(&facts);
    assert_int_equal(topology.n_nodes, 4);
    assert_int_equal(topology.nodes[0].id, 0); /* 9 is in no cell */
    assert_false(topology.nodes[0].is_told);
    assert_set(&topology.nodes[0].pcpus, "9");
    assert_int_equal(topology.nodes[1].id, 1);
    assert_set(&topology.nodes[1].pcpus, "1-3");
    assert_int_equal(topology.nodes[2].id, 8);
    assert_set(&topology.nodes[2].pcpus, "0,4-8");
    assert_int_equal(topology.nodes[3].id, 250);
    assert_set(&topology.nodes[3].pcpus, "");
    assert_int_equal(topology.places[8].node, 2);
    assert_int_equal(topology.places[9].node, 0);
    topology_done(&topology);
}

static void distances_are_told_or_usual(void **state)
{
    static const unsigned expected[] = {10, 12, 20, 31, 10, 20, 20, 20, 10};
    struct topology_facts facts = {0};
    struct topology topology;

    (void)state;
    give_online(&facts, "0-2");
    give_cell(&facts, 0, "0");
    give_cell(&facts, 7, "1");
    give_cell(&facts, 9, "2");
    give_distance(&facts, 0, 7, 12);
    give_distance(&facts, 7, 0, 31);
    give_distance(&facts, 7, 8, 99); /* there is no such node */
    topology = make_topology(&facts);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(topology.distances[i], expected[i]);
    assert_int_equal(topology.distances_from, TOPOLOGY_FROM_CELLS);
    topology_done(&topology);
}

static void the_first_reason_counts(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;

    (void)state;
    give_online(&facts, "0-6");
    give_cell(&facts, 0, "0-7");
    facts.isolated = cpuset_of("1-2,7");
    facts.tickless = cpuset_of("2-4,99");
    facts.outside_slice = cpuset_of("3,6");
    facts.reserved = cpuset_of("4-6");
    topology = make_topology(&facts);
    assert_set(&topology.excluded[TOPOLOGY_OFFLINE], "7");
    assert_set(&topology.excluded[TOPOLOGY_ISOLATED], "1-2");
    assert_set(&topology.excluded[TOPOLOGY_TICKLESS], "3-4");
    assert_set(&topology.excluded[TOPOLOGY_OUTSIDE_SLICE], "6");
    assert_set(&topology.excluded[TOPOLOGY_RESERVED], "5");
    assert_set(&topology.usable, "0");
    assert_set(&topology.nodes[0].pcpus, "0-6");
    topology_done(&topology);
}

static void speeds_are_shares_of_the_fastest(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;

    (void)state;
    give_online(&facts, "0-3");
    facts.speed[0] = 9000;
    facts.speed[1] = 4500;
    facts.speed[2] = 1; /* never nothing at all */
    facts.speed[7] = 1024;
    topology = make_topology(&facts);
    assert_int_equal(topology.places[0].speed_permille, 1000);
    assert_int_equal(topology.places[1].speed_permille, 500);
    assert_int_equal(topology.places[2].speed_permille, 1);
    assert_int_equal(topology.places[3].speed_permille, 1000);
    assert_int_equal(topology.speeds_from, TOPOLOGY_FROM_SYSFS);
    topology_done(&topology);
}

static void facts_can_be_copied(void **state)
{
    struct topology_facts facts = {0}, copy;
    struct topology topology;

    (void)state;
    give_pcpus(&facts, 0, 3, 1, 0, 0, 0);
    give_cell(&facts, 0, "0-2");
    assert_int_equal(topology_facts_copy(&facts, &copy), 0);
    topology_facts_done(&facts);
    give_pcpus(&copy, 3, 2, 1, 0, 0, 0); /* grows as the first one would */
    give_cell(&copy, 1, "3-4");
    topology = make_topology(&copy);
    assert_sets(topology.cores, topology.n_cores, "0|1|2|3|4");
    assert_int_equal(topology.n_nodes, 2);
    topology_done(&topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cpu_map_says_who_is_online),
        cmocka_unit_test(without_a_map_cells_say_it),
        cmocka_unit_test(a_host_without_pcpus_is_refused),
        cmocka_unit_test(the_first_cell_that_has_a_pcpu_counts),
        cmocka_unit_test(distances_are_told_or_usual),
        cmocka_unit_test(the_first_reason_counts),
        cmocka_unit_test(speeds_are_shares_of_the_fastest),
        cmocka_unit_test(facts_can_be_copied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
