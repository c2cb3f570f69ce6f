/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "planner/topology/bins.h"
#include "tests/unit/cpuset_fixture.h"
#include "tests/unit/topology_fixture.h"

/* A bin by its number, and how many there are. */
static struct topology_bin bin_of(const struct topology *topology, enum topology_level level,
                                  size_t b, size_t expected_n)
{
    struct topology_bin *bins, bin;
    size_t n = 0;

    assert_int_equal(topology_bins(topology, level, &bins, &n), 0);
    assert_int_equal(n, expected_n);
    assert_true(b < n);
    bin = bins[b];
    free(bins);
    assert_int_equal(bin.n_pcpus, cpuset_count(&bin.pcpus));
    return bin;
}

/* Two nodes of 8 pCPUs in cores of two; each node has two caches. */
static struct topology_facts four_caches(void)
{
    struct topology_facts facts = {0};

    give_online(&facts, "0-15");
    give_cell(&facts, 0, "0-7");
    give_cell(&facts, 1, "8-15");
    give_pcpus(&facts, 0, 16, 2, 0, 0, TOPOLOGY_UNTOLD);
    give_bank(&facts, 3, "0-3");
    give_bank(&facts, 3, "4-7");
    give_bank(&facts, 3, "8-11");
    give_bank(&facts, 3, "12-15");
    return facts;
}

static void bins_of_each_level(void **state)
{
    struct topology_facts facts = four_caches();
    struct topology topology = make_topology(&facts);
    struct topology_bin bin = bin_of(&topology, TOPOLOGY_LEVEL_PCPU, 3, 16);

    (void)state;
    assert_set(&bin.pcpus, "3");
    assert_int_equal(bin.capacity, 1000);
    bin = bin_of(&topology, TOPOLOGY_LEVEL_CORE, 3, 8);
    assert_set(&bin.pcpus, "6-7");
    assert_int_equal(bin.capacity, 1250);
    bin = bin_of(&topology, TOPOLOGY_LEVEL_LLC, 3, 4);
    assert_set(&bin.pcpus, "12-15");
    assert_int_equal(bin.capacity, 2500);
    assert_int_equal(bin.node, 1);
    bin = bin_of(&topology, TOPOLOGY_LEVEL_NODE, 1, 2);
    assert_set(&bin.pcpus, "8-15");
    bin = bin_of(&topology, TOPOLOGY_LEVEL_HOST, 0, 1);
    assert_set(&bin.pcpus, "0-15");
    assert_int_equal(bin.capacity, 10000);
    topology_done(&topology);
}

/* What is excluded is in no bin, and a core that has lost a thread is worth less. */
static void bins_are_of_usable_pcpus(void **state)
{
    struct topology_facts facts = four_caches();
    struct topology topology;
    struct topology_bin bin;

    (void)state;
    facts.isolated = cpuset_of("1,4-7");
    topology = make_topology(&facts);
    bin = bin_of(&topology, TOPOLOGY_LEVEL_LLC, 0, 3);
    assert_set(&bin.pcpus, "0,2-3");
    assert_int_equal(bin.capacity, 2250);
    bin = bin_of(&topology, TOPOLOGY_LEVEL_NODE, 0, 2);
    assert_set(&bin.pcpus, "0,2-3");
    topology_done(&topology);
}

static void no_bin_reaches_beyond_a_node(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;
    struct topology_bin bin;

    (void)state;
    give_online(&facts, "0-15");
    give_cell(&facts, 0, "0-3,8-11");
    give_cell(&facts, 1, "4-7,12-15");
    give_bank(&facts, 3, "0-15");
    topology = make_topology(&facts);
    bin = bin_of(&topology, TOPOLOGY_LEVEL_LLC, 1, 2);
    assert_set(&bin.pcpus, "4-7,12-15");
    topology_done(&topology);
}

static void a_core_is_as_fast_as_its_fastest_thread(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;
    struct topology_bin bin;

    (void)state;
    give_online(&facts, "0-7");
    give_pcpus(&facts, 0, 4, 2, 0, 0, TOPOLOGY_UNTOLD);
    give_pcpus(&facts, 4, 4, 1, 0, 0, TOPOLOGY_UNTOLD);
    for (unsigned p = 0; p < 8; p++)
        facts.speed[p] = p < 4 ? 1024 - p : 512;
    topology = make_topology(&facts);
    bin = bin_of(&topology, TOPOLOGY_LEVEL_HOST, 0, 1);
    assert_int_equal(bin.capacity, 1250 + 998 * 1250 / 1000 + 4 * 500);
    topology_done(&topology);
}

/* Nodes of caches of so many pCPUs, none with siblings. */
static enum topology_level level_of(unsigned nodes, unsigned caches, unsigned pcpus)
{
    struct topology_facts facts = {0};
    struct topology topology;
    struct topology_levels levels;
    char list[32];

    for (unsigned n = 0, size = caches * pcpus; n < nodes; n++) {
        snprintf(list, sizeof(list), "%u-%u", n * size, (n + 1) * size - 1);
        give_cell(&facts, (int)n, list);
        for (unsigned c = 0; c < caches; c++) {
            unsigned first = n * size + c * pcpus;

            snprintf(list, sizeof(list), "%u-%u", first, first + pcpus - 1);
            give_bank(&facts, 3, list);
        }
    }
    topology = make_topology(&facts);
    assert_int_equal(topology_levels(&topology, &levels), 0);
    assert_int_equal(levels.n_bins[TOPOLOGY_LEVEL_LLC], nodes * caches);
    topology_done(&topology);
    return levels.level;
}

static void the_level_is_the_finest_that_has_room(void **state)
{
    (void)state;
    assert_int_equal(level_of(1, 1, 4), TOPOLOGY_LEVEL_PCPU);
    assert_int_equal(level_of(2, 2, 1), TOPOLOGY_LEVEL_PCPU);
    assert_int_equal(level_of(1, 1, 8), TOPOLOGY_LEVEL_HOST);
    assert_int_equal(level_of(1, 2, 4), TOPOLOGY_LEVEL_LLC);
    assert_int_equal(level_of(2, 1, 32), TOPOLOGY_LEVEL_LLC);
    assert_int_equal(level_of(2, 1, 33), TOPOLOGY_LEVEL_NODE);
    assert_int_equal(level_of(2, 2, 3), TOPOLOGY_LEVEL_NODE);
    assert_int_equal(level_of(3, 1, 3), TOPOLOGY_LEVEL_HOST);
    assert_int_equal(level_of(1, 3, 3), TOPOLOGY_LEVEL_NODE);
    assert_int_equal(level_of(1, 8, 1), TOPOLOGY_LEVEL_NODE); /* a cache to each core */
}

/* Two caches that would do, in a host of caches that would not. */
static void half_of_the_host_has_to_have_room(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;
    struct topology_levels levels;
    char list[16];

    (void)state;
    give_cell(&facts, 0, "0-27");
    give_bank(&facts, 3, "0-3");
    give_bank(&facts, 3, "4-7");
    for (unsigned p = 8; p < 28; p += 2) {
        snprintf(list, sizeof(list), "%u-%u", p, p + 1);
        give_bank(&facts, 3, list);
    }
    topology = make_topology(&facts);
    assert_int_equal(topology_levels(&topology, &levels), 0);
    assert_int_equal(levels.level, TOPOLOGY_LEVEL_NODE);
    topology_done(&topology);
}

/* As on POWER: a core of eight threads would have room, and is no place for several guests. */
static void a_cache_of_one_core_is_no_level(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;
    struct topology_levels levels;

    (void)state;
    give_cell(&facts, 0, "0-15");
    give_cell(&facts, 1, "16-31");
    give_pcpus(&facts, 0, 32, 8, 0, 0, TOPOLOGY_UNTOLD);
    give_bank(&facts, 3, "0-7");
    give_bank(&facts, 3, "8-15");
    give_bank(&facts, 3, "16-23");
    give_bank(&facts, 3, "24-31");
    topology = make_topology(&facts);
    assert_int_equal(topology_levels(&topology, &levels), 0);
    assert_false(levels.is_possible[TOPOLOGY_LEVEL_LLC]);
    assert_int_equal(levels.level, TOPOLOGY_LEVEL_NODE);
    topology_done(&topology);
}

static void only_what_is_there_can_be_planned(void **state)
{
    struct topology_facts facts = four_caches();
    struct topology topology = make_topology(&facts);
    struct topology_levels levels;

    (void)state;
    assert_int_equal(topology_levels(&topology, &levels), 0);
    for (int level = 0; level < TOPOLOGY_LEVELS; level++)
        assert_true(levels.is_possible[level]);
    topology_done(&topology);
    give_online(&facts, "0-7"); /* no siblings, no caches, one node */
    topology = make_topology(&facts);
    assert_int_equal(topology_levels(&topology, &levels), 0);
    assert_true(levels.is_possible[TOPOLOGY_LEVEL_PCPU]);
    assert_false(levels.is_possible[TOPOLOGY_LEVEL_CORE]);
    assert_false(levels.is_possible[TOPOLOGY_LEVEL_LLC]);
    assert_false(levels.is_possible[TOPOLOGY_LEVEL_NODE]);
    assert_true(levels.is_possible[TOPOLOGY_LEVEL_HOST]);
    topology_done(&topology);
}

/* Nodes that stand in for caches that nobody tells are nodes. */
static void caches_that_are_not_told_are_no_level(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;
    struct topology_levels levels;

    (void)state;
    give_cell(&facts, 0, "0-7");
    give_cell(&facts, 1, "8-15");
    topology = make_topology(&facts);
    assert_int_equal(topology_levels(&topology, &levels), 0);
    assert_false(levels.is_possible[TOPOLOGY_LEVEL_LLC]);
    assert_int_equal(levels.level, TOPOLOGY_LEVEL_NODE);
    topology_done(&topology);
}

static void without_a_usable_pcpu_nothing_is_planned(void **state)
{
    struct topology_facts facts = four_caches();
    struct topology topology;
    struct topology_levels levels;

    (void)state;
    facts.reserved = facts.online;
    topology = make_topology(&facts);
    assert_int_equal(topology_levels(&topology, &levels), 0);
    assert_int_equal(levels.n_bins[TOPOLOGY_LEVEL_HOST], 0);
    assert_int_equal(levels.level, TOPOLOGY_LEVEL_HOST);
    topology_done(&topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_of_each_level),
        cmocka_unit_test(bins_are_of_usable_pcpus),
        cmocka_unit_test(no_bin_reaches_beyond_a_node),
        cmocka_unit_test(a_core_is_as_fast_as_its_fastest_thread),
        cmocka_unit_test(the_level_is_the_finest_that_has_room),
        cmocka_unit_test(half_of_the_host_has_to_have_room),
        cmocka_unit_test(a_cache_of_one_core_is_no_level),
        cmocka_unit_test(only_what_is_there_can_be_planned),
        cmocka_unit_test(caches_that_are_not_told_are_no_level),
        cmocka_unit_test(without_a_usable_pcpu_nothing_is_planned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
