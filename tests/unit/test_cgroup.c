/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/host/cgroup.h"
#include "tests/unit/root_fixture.h"

#define V2 "/sys/fs/cgroup"
#define SCOPE "/machine.slice/machine-qemu\\x2d7\\x2dweb.scope"
#define V1_CPU "/sys/fs/cgroup/cpu"
#define V1_CPUSET "/sys/fs/cgroup/cpuset"

static void open_v2(struct root *root)
{
    root_open(root);
    root_write(root, V2 "/cgroup.controllers", "cpuset cpu io memory pids");
    root_write(root, V2 "/cpuset.cpus.effective", "0-7");
}

static void assert_place(const struct root *root, const char *partition, const char *cpuset,
                         const char *cpu)
{
    struct cgroup_place place;

    assert_true(cgroup_find(root->path, "web", 7, partition, &place));
    assert_string_equal(place.cpuset, cpuset);
    assert_string_equal(place.cpu, cpu);
}

static void assert_cpus(const struct root *root, const char *cpuset, const char *expected)
{
    struct cgroup_place place = {0};
    struct cpuset set;
    char text[64];

    strcpy(place.cpuset, cpuset);
    assert_true(cgroup_cpus(root->path, &place, &set));
    cpuset_format(&set, text, sizeof(text));
    assert_string_equal(text, expected);
}

static void assert_quota(const struct root *root, const char *cpu, unsigned permille)
{
    struct cgroup_place place = {0};

    strcpy(place.cpu, cpu);
    assert_int_equal(cgroup_quota_permille(root->path, &place), permille);
}

static void a_process_tells_its_group_without_those_that_libvirt_made(void **state)
{
    struct root root;

    (void)state;
    open_v2(&root);
    root_write(&root, "/run/libvirt/qemu/web.pid", "4242");
    root_write(&root, "/proc/4242/cgroup", "0::" SCOPE "/libvirt/emulator");
    assert_place(&root, "", SCOPE, SCOPE);
    /* A daemon without groups of its own for guests: they live where it does. */
    root_write(&root, "/proc/4242/cgroup", "0::/system.slice/libvirtd.service");
    assert_place(&root, "/machine", "/system.slice/libvirtd.service",
                 "/system.slice/libvirtd.service");
    /* Version 1: a line for each hierarchy. */
    root_write(&root, "/proc/4242/cgroup",
               "9:cpuset:" SCOPE "/emulator\n4:cpuacct,cpu:/other" SCOPE "/emulator\n0::/unified");
    assert_place(&root, "", SCOPE, "/other" SCOPE);
    root_write(&root, "/proc/4242/cgroup", "0::/");
    assert_place(&root, "", "", "");
    root_close(&root);
}

static void a_guest_whose_process_is_hidden_is_found_by_its_number(void **state)
{
    struct root root;

    (void)state;
    open_v2(&root);
    root_write(&root, V2 "/machine.slice/machine-qemu\\x2d77\\x2dweb.scope/cpu.max", "max 100000");
    assert_false(cgroup_find(root.path, "web", 7, "/machine", &(struct cgroup_place){0}));
    root_write(&root, V2 SCOPE "/cpu.max", "max 100000");
    assert_place(&root, "/machine", SCOPE, SCOPE);
    assert_place(&root, "", SCOPE, SCOPE);
    /* A partition of its own: systemd's slices carry the names of those above, escaped. */
    root_write(&root,
               V2
               "/machine.slice/machine-eng\\x2ddept.slice/machine-qemu\\x2d7\\x2dweb.scope/cpu.max",
               "max 100000");
    assert_place(&root, "/machine/eng-dept",
                 "/machine.slice/machine-eng\\x2ddept.slice/machine-qemu\\x2d7\\x2dweb.scope",
                 "/machine.slice/machine-eng\\x2ddept.slice/machine-qemu\\x2d7\\x2dweb.scope");
    root_close(&root);
    /* Version 1 without systemd. */
    root_open(&root);
    root_write(&root, V1_CPU "/machine/qemu-7-web.libvirt-qemu/cpu.cfs_quota_us", "-1");
    root_write(&root, V1_CPUSET "/machine/qemu-7-web.libvirt-qemu/cpuset.cpus", "0-3");
    assert_place(&root, "/machine", "/machine/qemu-7-web.libvirt-qemu",
                 "/machine/qemu-7-web.libvirt-qemu");
    root_close(&root);
}

static void the_nearest_group_that_tells_says_where_a_guest_may_run(void **state)
{
    struct root root;
    struct cgroup_place nowhere = {.cpuset = "/machine.slice"};
    struct cpuset set;

    (void)state;
    open_v2(&root);
    assert_cpus(&root, SCOPE, "0-7"); /* nobody has the controller: the root's */
    root_write(&root, V2 "/machine.slice/cpuset.cpus.effective", "2-5");
    assert_cpus(&root, SCOPE, "2-5");
    root_write(&root, V2 SCOPE "/cpuset.cpus.effective", "3");
    assert_cpus(&root, SCOPE, "3");
    assert_cpus(&root, "", "0-7");
    root_close(&root);
    root_open(&root);
    assert_false(cgroup_cpus(root.path, &nowhere, &set));
    root_write(&root, V1_CPUSET "/cpuset.cpus", "0-7");
    root_write(&root, V1_CPUSET "/machine.slice/cpuset.cpus", "0-7");
    root_write(&root, V1_CPUSET "/machine.slice/cpuset.effective_cpus", "1,3");
    assert_cpus(&root, SCOPE, "1,3");
    assert_cpus(&root, "/elsewhere", "0-7");
    root_close(&root);
}

static void the_least_quota_on_the_way_up_binds(void **state)
{
    struct root root;

    (void)state;
    open_v2(&root);
    assert_quota(&root, SCOPE, 0);
    root_write(&root, V2 SCOPE "/cpu.max", "max 100000");
    assert_quota(&root, SCOPE, 0);
    root_write(&root, V2 "/machine.slice/cpu.max", "150000 100000");
    assert_quota(&root, SCOPE, 1500);
    root_write(&root, V2 SCOPE "/cpu.max", "20000 100000");
    assert_quota(&root, SCOPE, 200);
    root_close(&root);
    root_open(&root);
    root_write(&root, V1_CPU SCOPE "/cpu.cfs_quota_us", "-1");
    root_write(&root, V1_CPU SCOPE "/cpu.cfs_period_us", "100000");
    assert_quota(&root, SCOPE, 0);
    root_write(&root, V1_CPU "/machine.slice/cpu.cfs_quota_us", "25000");
    root_write(&root, V1_CPU "/machine.slice/cpu.cfs_period_us", "50000");
    assert_quota(&root, SCOPE, 500);
    root_close(&root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_tells_its_group_without_those_that_libvirt_made),
        cmocka_unit_test(a_guest_whose_process_is_hidden_is_found_by_its_number),
        cmocka_unit_test(the_nearest_group_that_tells_says_where_a_guest_may_run),
        cmocka_unit_test(the_least_quota_on_the_way_up_binds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
