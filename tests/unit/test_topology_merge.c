/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From which source cores and caches are, and what becomes of sources that contradict each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/cpuset_fixture.h"
#include "tests/unit/topology_fixture.h"

enum { NO_CLUSTER = TOPOLOGY_UNTOLD };

/* Two nodes of four cores with two threads. */
static struct topology_facts two_nodes(void)
{
    struct topology_facts facts = {0};

    give_online(&facts, "0-15");
    give_cell(&facts, 0, "0-7");
    give_cell(&facts, 1, "8-15");
    give_pcpus(&facts, 0, 8, 2, 0, 0, NO_CLUSTER);
    give_pcpus(&facts, 8, 8, 2, 1, 0, NO_CLUSTER);
    return facts;
}

static void expect(struct topology_facts *facts, enum topology_source from, const char *llcs)
{
    struct topology topology = make_topology(facts);

    assert_string_equal(topology_source_text(topology.llcs_from), topology_source_text(from));
    assert_sets(topology.llcs, topology.n_llcs, llcs);
    for (unsigned p = 0; p < CPUSET_SIZE; p++)
        if (cpuset_has(&topology.online, p)) {
            assert_true(cpuset_has(&topology.llcs[topology.places[p].llc], p));
            assert_true(cpuset_has(&topology.cores[topology.places[p].core], p));
        }
    topology_done(&topology);
}

static void level_3_is_the_last_one(void **state)
{
    struct topology_facts facts = two_nodes();

    (void)state;
    give_bank(&facts, 2, "0-1");
    give_bank(&facts, 4, "0-15");
    give_bank(&facts, 3, "0-3");
    give_bank(&facts, 3, "4-7");
    give_bank(&facts, 3, "8-15");
    expect(&facts, TOPOLOGY_FROM_BANKS, "0-3|4-7|8-15");
}

static void level_2_counts_where_cores_share_it(void **state)
{
    struct topology_facts facts = two_nodes();

    (void)state;
    give_bank(&facts, 2, "0-3");
    give_bank(&facts, 2, "4-7");
    give_bank(&facts, 2, "8-11");
    give_bank(&facts, 2, "12-15");
    expect(&facts, TOPOLOGY_FROM_BANKS, "0-3|4-7|8-11|12-15");
    facts = two_nodes();
    for (unsigned p = 0; p < 16; p += 2) {
        struct topology_cache *bank = topology_add_cache(&facts.banks);

        assert_non_null(bank);
        bank->level = 2;
        cpuset_add(&bank->pcpus, p);
        cpuset_add(&bank->pcpus, p + 1);
    }
    expect(&facts, TOPOLOGY_FROM_NODE, "0-7|8-15");
}

static void caches_become_disjoint_and_complete(void **state)
{
    struct topology_facts facts = two_nodes();

    (void)state;
    give_bank(&facts, 3, "0-3");
    give_bank(&facts, 3, "2-5,99"); /* 2 and 3 are taken, 99 is not online */
    give_bank(&facts, 3, "0-3");
    expect(&facts, TOPOLOGY_FROM_BANKS, "0-3|4-5|6-7|8-15");
}

/* Sub-NUMA clustering: the tree keeps the cache whole, and bins divide it. */
static void a_cache_may_be_wider_than_a_node(void **state)
{
    struct topology_facts facts = two_nodes();

    (void)state;
    give_bank(&facts, 3, "0-15");
    expect(&facts, TOPOLOGY_FROM_BANKS, "0-15");
}

static void the_kernel_tells_what_libvirt_leaves_out(void **state)
{
    struct topology_facts facts = two_nodes();
    struct topology_cache *cache = topology_add_cache(&facts.local_caches);

    (void)state;
    assert_non_null(cache);
    cache->level = 3;
    cache->pcpus = cpuset_of("0-3,8-11");
    expect(&facts, TOPOLOGY_FROM_SYSFS, "0-3,8-11|4-7|12-15");
}

static void clusters_count_between_cores_and_nodes(void **state)
{
    struct topology_facts facts = {0};

    (void)state;
    give_online(&facts, "0-15");
    give_cell(&facts, 0, "0-15");
    give_pcpus(&facts, 0, 4, 1, 36, 0, 0);
    give_pcpus(&facts, 4, 4, 1, 36, 0, 50);
    give_pcpus(&facts, 8, 4, 1, 3180, 0, 0); /* ids start again in each socket */
    give_pcpus(&facts, 12, 4, 1, 3180, 0, 50);
    expect(&facts, TOPOLOGY_FROM_CLUSTER, "0-3|4-7|8-11|12-15");
}

static void clusters_of_one_core_say_nothing(void **state)
{
    struct topology_facts facts = {0};

    (void)state;
    give_online(&facts, "0-7");
    give_cell(&facts, 0, "0-3");
    give_cell(&facts, 1, "4-7");
    for (unsigned p = 0; p < 8; p += 2)
        give_pcpus(&facts, p, 2, 2, p < 4 ? 36 : 3180, 0, (int)p);
    expect(&facts, TOPOLOGY_FROM_NODE, "0-3|4-7");
}

static void dies_are_told_apart_by_socket(void **state)
{
    struct topology_facts facts = {0};

    (void)state;
    give_online(&facts, "0-7");
    give_cell(&facts, 0, "0-7");
    give_pcpus(&facts, 0, 2, 1, 0, 0, 0);
    give_pcpus(&facts, 2, 2, 1, 0, 1, 0);
    give_pcpus(&facts, 4, 2, 1, 1, 0, 0);
    give_pcpus(&facts, 6, 2, 1, 1, 1, 0);
    expect(&facts, TOPOLOGY_FROM_DIE, "0-1|2-3|4-5|6-7"); /* with one cluster each */
    facts = two_nodes();                                  /* a die to each node */
    expect(&facts, TOPOLOGY_FROM_NODE, "0-7|8-15");
}

/* One socket, one die, two nodes: a die that is wider than a node is no cache. */
static void a_die_that_is_wider_than_a_node_says_nothing(void **state)
{
    struct topology_facts facts = {0};

    (void)state;
    give_online(&facts, "0-15");
    give_cell(&facts, 0, "0-7");
    give_cell(&facts, 1, "8-15");
    give_pcpus(&facts, 0, 16, 1, 0, 0, NO_CLUSTER);
    expect(&facts, TOPOLOGY_FROM_NODE, "0-7|8-15");
    give_online(&facts, "0-15");
    give_cell(&facts, 0, "0-7");
    give_cell(&facts, 1, "8-15");
    give_pcpus(&facts, 0, 4, 1, 0, 0, NO_CLUSTER);
    give_pcpus(&facts, 4, 8, 1, 0, 1, NO_CLUSTER); /* across both */
    give_pcpus(&facts, 12, 4, 1, 0, 2, NO_CLUSTER);
    expect(&facts, TOPOLOGY_FROM_NODE, "0-7|8-15");
}

static void siblings_are_siblings_both_ways(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;

    (void)state;
    give_online(&facts, "0-3,5-7");
    give_cell(&facts, 0, "0-7");
    give_pcpus(&facts, 0, 1, 2, 0, 0, 0); /* 0 names 1, and 1 names nobody */
    give_pcpus(&facts, 1, 1, 1, 0, 0, 0);
    give_pcpus(&facts, 4, 2, 2, 0, 0, 0); /* 4 is offline */
    give_pcpus(&facts, 6, 1, 0, 0, 0, 0);
    cpuset_add(&facts.pcpus[facts.n_pcpus - 1].siblings, 7); /* 6 does not name itself */
    topology = make_topology(&facts);
    assert_sets(topology.cores, topology.n_cores, "0-1|2|3|5|6-7");
    assert_int_equal(topology.cores_from, TOPOLOGY_FROM_SIBLINGS);
    topology_done(&topology);
}

static void a_host_that_tells_nothing_is_one_node(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;

    (void)state;
    give_online(&facts, "0-7");
    topology = make_topology(&facts);
    assert_int_equal(topology.n_nodes, 1);
    assert_sets(topology.cores, topology.n_cores, "0|1|2|3|4|5|6|7");
    assert_sets(topology.llcs, topology.n_llcs, "0-7");
    assert_int_equal(topology.nodes_from, TOPOLOGY_FROM_NOTHING);
    assert_int_equal(topology.cores_from, TOPOLOGY_FROM_NOTHING);
    assert_int_equal(topology.llcs_from, TOPOLOGY_FROM_NODE);
    topology_done(&topology);
}

/* As many pCPUs as Linux can have, in cores of eight. */
static void the_largest_host_is_read(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;

    (void)state;
    give_online(&facts, "0-8191");
    for (unsigned c = 0; c < 16; c++) {
        char list[24];

        snprintf(list, sizeof(list), "%u-%u", c * 512, c * 512 + 511);
        give_cell(&facts, (int)c, list);
    }
    give_pcpus(&facts, 0, CPUSET_SIZE, 8, 0, 0, NO_CLUSTER);
    topology = make_topology(&facts);
    assert_int_equal(topology.n_cores, 1024);
    assert_int_equal(topology.n_llcs, 16);
    assert_int_equal(topology.places[8191].core, 1023);
    topology_done(&topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(level_3_is_the_last_one),
        cmocka_unit_test(level_2_counts_where_cores_share_it),
        cmocka_unit_test(caches_become_disjoint_and_complete),
        cmocka_unit_test(a_cache_may_be_wider_than_a_node),
        cmocka_unit_test(the_kernel_tells_what_libvirt_leaves_out),
        cmocka_unit_test(clusters_count_between_cores_and_nodes),
        cmocka_unit_test(clusters_of_one_core_say_nothing),
        cmocka_unit_test(dies_are_told_apart_by_socket),
        cmocka_unit_test(a_die_that_is_wider_than_a_node_says_nothing),
        cmocka_unit_test(siblings_are_siblings_both_ways),
        cmocka_unit_test(a_host_that_tells_nothing_is_one_node),
        cmocka_unit_test(the_largest_host_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
