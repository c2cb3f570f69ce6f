/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/host/local_topology.h"
#include "agent/host/root_file.h"
#include "tests/unit/root_fixture.h"
#include "tests/unit/topology_fixture.h"

static void write_of(const struct root *root, unsigned pcpu, const char *file, const char *text)
{
    char path[128];

    snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/%s", pcpu, file);
    root_write(root, path, text);
}

/* Eight pCPUs whose kernel gives caches no ids, as on ARM: one of level 2 to two, of level 3 to
 * four. */
static void write_caches(const struct root *root)
{
    for (unsigned p = 0; p < 8; p++) {
        char mask[16];

        write_of(root, p, "cache/index0/level", "1");
        snprintf(mask, sizeof(mask), "%x", 1u << p);
        write_of(root, p, "cache/index0/shared_cpu_map", mask);
        write_of(root, p, "cache/index1/level", "2");
        snprintf(mask, sizeof(mask), "0,%08x", 3u << p / 2 * 2);
        write_of(root, p, "cache/index1/shared_cpu_map", mask);
        write_of(root, p, "cache/index2/level", "3");
        write_of(root, p, "cache/index2/shared_cpu_map", p < 4 ? "0f" : "f0");
    }
}

static void caches_that_libvirt_leaves_out_are_read(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;
    struct root root;

    (void)state;
    root_open(&root);
    write_caches(&root);
    give_cell(&facts, 0, "0-7");
    assert_int_equal(local_topology_read(root.path, &facts), 0);
    assert_int_equal(facts.local_caches.n, 6);
    topology = make_topology(&facts);
    assert_int_equal(topology.llcs_from, TOPOLOGY_FROM_SYSFS);
    assert_sets(topology.llcs, topology.n_llcs, "0-3|4-7");
    topology_done(&topology);
    root_close(&root);
}

static void libvirt_has_the_word_where_it_tells(void **state)
{
    struct topology_facts facts = {0};
    struct root root;

    (void)state;
    root_open(&root);
    write_caches(&root);
    give_cell(&facts, 0, "0-7");
    give_bank(&facts, 3, "0-7");
    assert_int_equal(local_topology_read(root.path, &facts), 0);
    assert_int_equal(facts.local_caches.n, 0);
    topology_facts_done(&facts);
    root_close(&root);
}

static void what_the_kernel_does_not_tell_is_not_told(void **state)
{
    struct topology_facts facts = {0};
    struct root root;

    (void)state;
    root_open(&root);
    give_cell(&facts, 0, "0-3");
    assert_int_equal(local_topology_read(root.path, &facts), 0);
    write_of(&root, 0, "cpu_capacity", "99999999999999999999");
    write_of(&root, 1, "cpu_capacity", "-5");
    write_of(&root, 2, "cpu_capacity", "");
    write_of(&root, 0, "cache/index0/level", "three");
    write_of(&root, 1, "cache/index0/level", "3");
    write_of(&root, 2, "cache/index0/level", "3");
    write_of(&root, 2, "cache/index0/shared_cpu_map", "3"); /* without itself */
    write_of(&root, 3, "cache/index0/level", "3");
    write_of(&root, 3, "cache/index0/shared_cpu_map", "0-3");
    assert_int_equal(local_topology_read(root.path, &facts), 0);
    assert_int_equal(facts.local_caches.n, 0);
    for (unsigned p = 0; p < 4; p++)
        assert_int_equal(facts.speed[p], 0);
    topology_facts_done(&facts);
    root_close(&root);
}

/* A kernel without NUMA: libvirt has no cells, and so no siblings. */
static void siblings_of_pcpus_in_no_cell_are_read(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;
    struct root root;

    (void)state;
    root_open(&root);
    give_online(&facts, "0-5");
    give_pcpus(&facts, 4, 2, 1, 0, 0, 0);
    for (unsigned p = 0; p < 6; p++)
        write_of(&root, p, "topology/thread_siblings", p < 4 ? p % 2 ? "a" : "5" : "30");
    assert_int_equal(local_topology_read(root.path, &facts), 0);
    topology = make_topology(&facts);
    assert_sets(topology.cores, topology.n_cores, "0,2|1,3|4|5");
    assert_int_equal(topology.cores_from, TOPOLOGY_FROM_SIBLINGS);
    topology_done(&topology);
    give_online(&facts, "0-3");
    assert_int_equal(local_topology_read(root.path, &facts), 0);
    topology = make_topology(&facts);
    assert_int_equal(topology.cores_from, TOPOLOGY_FROM_SYSFS);
    topology_done(&topology);
    root_close(&root);
}

/* On POWER, ranges of numbers belong to nobody. */
static void numbers_that_no_pcpu_has_are_not_offline(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;
    struct root root;

    (void)state;
    root_open(&root);
    root_write(&root, "/sys/devices/system/cpu/present", "0-3,88-91");
    give_online(&facts, "0-1,88-91");
    for (unsigned p = 0; p < 92; p++)
        cpuset_add(&facts.mentioned, p);
    assert_int_equal(local_topology_read(root.path, &facts), 0);
    topology = make_topology(&facts);
    assert_set(&topology.excluded[TOPOLOGY_OFFLINE], "2-3");
    topology_done(&topology);
    root_close(&root);
}

static void masks_are_words_from_the_last_on(void **state)
{
    static const char *const wrong[] = {"", ",1", "1,", "123456789", "x", "-1", "0x1", "1 ,1"};
    struct cpuset set;
    struct root root;

    (void)state;
    root_open(&root);
    root_write(&root, "/mask", "0000,80000000,00000003");
    assert_int_equal(root_file_cpumask(root.path, "/mask", &set), 0);
    assert_set(&set, "0-1,63");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        root_write(&root, "/mask", wrong[i]);
        assert_true(root_file_cpumask(root.path, "/mask", &set) < 0);
        assert_set(&set, "0-1,63");
    }
    assert_true(root_file_cpumask(root.path, "/missing", &set) < 0);
    root_close(&root);
}

static void speeds_are_read(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;
    struct root root;

    (void)state;
    root_open(&root);
    give_cell(&facts, 0, "0-5");
    for (unsigned p = 0; p < 6; p++)
        write_of(&root, p, "cpu_capacity", p < 4 ? "1024" : "512");
    assert_int_equal(local_topology_read(root.path, &facts), 0);
    topology = make_topology(&facts);
    assert_int_equal(topology.places[3].speed_permille, 1000);
    assert_int_equal(topology.places[4].speed_permille, 500);
    topology_done(&topology);
    root_close(&root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(caches_that_libvirt_leaves_out_are_read),
        cmocka_unit_test(libvirt_has_the_word_where_it_tells),
        cmocka_unit_test(what_the_kernel_does_not_tell_is_not_told),
        cmocka_unit_test(siblings_of_pcpus_in_no_cell_are_read),
        cmocka_unit_test(numbers_that_no_pcpu_has_are_not_offline),
        cmocka_unit_test(masks_are_words_from_the_last_on),
        cmocka_unit_test(speeds_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
