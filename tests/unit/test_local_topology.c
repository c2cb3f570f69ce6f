/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/host/local_topology.h"
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
        char list[16];

        write_of(root, p, "cache/index0/level", "1");
        snprintf(list, sizeof(list), "%u", p);
        write_of(root, p, "cache/index0/shared_cpu_list", list);
        write_of(root, p, "cache/index1/level", "2");
        snprintf(list, sizeof(list), "%u-%u", p / 2 * 2, p / 2 * 2 + 1);
        write_of(root, p, "cache/index1/shared_cpu_list", list);
        write_of(root, p, "cache/index2/level", "3");
        write_of(root, p, "cache/index2/shared_cpu_list", p < 4 ? "0-3" : "4-7");
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
    write_of(&root, 2, "cache/index0/shared_cpu_list", "0-1"); /* without itself */
    write_of(&root, 3, "cache/index0/level", "3");
    write_of(&root, 3, "cache/index0/shared_cpu_list", "0-99999");
    assert_int_equal(local_topology_read(root.path, &facts), 0);
    assert_int_equal(facts.local_caches.n, 0);
    for (unsigned p = 0; p < 4; p++)
        assert_int_equal(facts.speed[p], 0);
    topology_facts_done(&facts);
    root_close(&root);
}

static void speeds_and_pcpus_that_are_kept_are_read(void **state)
{
    struct topology_facts facts = {0};
    struct topology topology;
    struct root root;

    (void)state;
    root_open(&root);
    give_cell(&facts, 0, "0-5");
    for (unsigned p = 0; p < 6; p++)
        write_of(&root, p, "cpu_capacity", p < 4 ? "1024" : "512");
    root_write(&root, "/sys/devices/system/cpu/isolated", "1");
    root_write(&root, "/sys/devices/system/cpu/nohz_full", "1-2");
    root_write(&root, "/sys/fs/cgroup/cpuset.cpus.isolated", "5");
    assert_int_equal(local_topology_read(root.path, &facts), 0);
    topology = make_topology(&facts);
    assert_set(&topology.excluded[TOPOLOGY_ISOLATED], "1,5");
    assert_set(&topology.excluded[TOPOLOGY_TICKLESS], "2");
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
        cmocka_unit_test(speeds_and_pcpus_that_are_kept_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
