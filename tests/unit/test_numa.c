/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a guest's memory is: as its definition wants it, and as the kernel counts it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/host/local_host.h"
#include "agent/host/numa_stat.h"
#include "agent/report/report_nodes.h"
#include "tests/unit/definition_fixture.h"
#include "tests/unit/root_fixture.h"

/* "0:250 1:750, bound 0-1" */
static void assert_memory(const struct guest_memory *memory, const char *expected)
{
    char text[200] = "unknown", bound[80];
    size_t used = 0;

    for (unsigned k = 0; memory->is_known && k < memory->n; k++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%d:%u", k ? " " : "",
                                 memory->at[k].node, memory->at[k].permille);
    cpuset_format(&memory->bound, bound, sizeof(bound));
    if (memory->is_bound)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), ", bound %s", bound);
    assert_string_equal(text, expected);
    assert_true(memory->is_bound || cpuset_count(&memory->bound) == 0);
}

#define CELLS                                                                                      \
    "<cpu><numa><cell id='0' cpus='0' memory='3' unit='GiB'/>"                                     \
    "<cell id='1' cpus='1' memory='1048576'/></numa></cpu>"

static void definitions_bind_or_tell(void **state)
{
    static const struct {
        const char *inside, *memory;
    } rows[] = {
        {"", "unknown"},
        {"<numatune/>", "unknown"},
        {"<numatune><memory nodeset='1'/></numatune>", "1:1000, bound 1"},
        {"<numatune><memory mode='strict' nodeset='0-3,^1'/></numatune>", "unknown, bound 0,2-3"},
        {"<numatune><memory mode='restrictive' nodeset='2'/></numatune>", "2:1000, bound 2"},
        {"<numatune><memory mode='preferred' nodeset='1'/></numatune>", "1:1000"},
        {"<numatune><memory mode='interleave' nodeset='0,3'/></numatune>", "0:500 3:500"},
        {"<numatune><memory mode='interleave' nodeset='0-40'/></numatune>", "unknown"},
        {"<numatune><memory mode='strict' placement='auto'/></numatune>", "unknown"},
        {"<numatune><memory mode='strict' placement='auto' nodeset='1'/></numatune>", "unknown"},
        {"<numatune><memory mode='strict' nodeset='one'/></numatune>", "unknown"},
        {"<numatune><memory mode='bestof' nodeset='1'/></numatune>", "1:1000"},
        /* A part for each cell of the guest. */
        {CELLS "<numatune><memnode cellid='0' mode='strict' nodeset='0'/>"
               "<memnode cellid='1' mode='strict' nodeset='1'/></numatune>",
         "0:750 1:250, bound 0-1"},
        {CELLS "<numatune><memory mode='strict' nodeset='0'/>"
               "<memnode cellid='1' mode='preferred' nodeset='1'/></numatune>",
         "0:750 1:250"},
        {CELLS "<numatune><memory mode='strict' nodeset='4'/></numatune>", "4:1000, bound 4"},
        {CELLS "<numatune><memnode cellid='1' mode='strict' nodeset='1'/></numatune>", "unknown"},
        {CELLS, "unknown"},
        {"<cpu><numa><cell cpus='0' memory='1'/><cell cpus='1' memory='1'/></numa></cpu>"
         "<numatune><memory nodeset='0'/><memnode cellid='1' nodeset='1'/></numatune>",
         "0:500 1:500, bound 0-1"},
        {"<cpu><numa><cell memory='-5'/></numa></cpu><numatune><memory nodeset='0'/></numatune>",
         "unknown, bound 0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct guest_definition definition = parse(rows[i].inside);

        assert_memory(&definition.numa.memory, rows[i].memory);
        guest_definition_done(&definition);
    }
}

static void the_live_definition_counts(void **state)
{
    struct guest_definition live = parse("<numatune><memory nodeset='1'/></numatune>");
    struct guest_definition persistent = parse("<numatune><memory nodeset='0'/></numatune>");
    struct guest_definition merged;

    (void)state;
    guest_definition_merge(&live, &persistent, &merged);
    assert_memory(&merged.numa.memory, "1:1000, bound 1");
    guest_definition_done(&merged);
}

#define V2 "/sys/fs/cgroup"
#define V1 "/sys/fs/cgroup/memory"
#define SCOPE "/machine.slice/machine-qemu\\x2d7\\x2dweb.scope"

static const char stat_v2[] = "anon N0=1000 N1=5000\nfile N0=900000 N1=7\nkernel_stack N0=1 N1=1\n"
                              "shmem N0=0 N1=4000\nanon_thp N0=500 N1=0\nunevictable N0=9 N1=9";
static const char stat_v1[] =
    "total=100 N0=50 N1=50\nfile=40 N0=40 N1=0\nanon=0 N0=0 N1=0\nunevictable=0 N0=0 N1=0\n"
    "hierarchical_total=1000 N0=1 N1=1\nhierarchical_file=900 N0=900 N1=0\n"
    "hierarchical_anon=80 N0=20 N1=60\nhierarchical_unevictable=20 N0=0 N1=20";

static void assert_told(const struct root *root, const char *partition, const char *expected)
{
    struct guest_definition definition = {0};
    struct guest_memory memory;

    snprintf(definition.partition, sizeof(definition.partition), "%s", partition);
    local_host_memory(root->path, "web", 7, &definition, &memory);
    assert_memory(&memory, expected);
}

static void control_groups_of_both_versions_tell(void **state)
{
    static const struct {
        const char *process, *folder, *text, *expected;
    } rows[] = {
        {"0::" SCOPE "/libvirt/emulator", V2 SCOPE, stat_v2, "1:900 0:100"},
        {"0::" SCOPE "/emulator", V2 SCOPE, stat_v2, "1:900 0:100"},
        {"0::" SCOPE, V2 SCOPE, stat_v2, "1:900 0:100"},
        {NULL, V2 SCOPE, stat_v2, "1:900 0:100"}, /* found by its number */
        {NULL, V2 "/machine/qemu-7-web.libvirt-qemu", stat_v2, "1:900 0:100"},
        {"9:cpuset:" SCOPE "/emulator\n5:memory:" SCOPE "\n0::/", V1 SCOPE, stat_v1, "1:800 0:200"},
        {NULL, V1 "/machine/qemu-7-web.libvirt-qemu", stat_v1, "1:800 0:200"},
        /* A kernel that does not count groups below. */
        {NULL, V1 SCOPE, "total=9 N0=9\nfile=0 N0=0\nanon=6 N0=2 N1=4\nunevictable=2 N1=2",
         "1:750 0:250"},
        /* Groups that are not its own, and files that tell nothing. */
        {"0::/system.slice/libvirtd.service", V2 "/system.slice/libvirtd.service", stat_v2,
         "unknown"},
        {"0::/", V2, stat_v2, "unknown"},
        {"0::" SCOPE, V2 "/machine.slice", stat_v2, "unknown"},
        {"0::" SCOPE, V2 SCOPE, "anon N0=0 N1=0", "unknown"},
        {"0::" SCOPE, V2 SCOPE, "", "unknown"},
        {"0::" SCOPE, V2 SCOPE, "anon N0=x N1=-5\nshmem N1=\nanonymous N0=5", "unknown"},
        {"0::" SCOPE, V2 SCOPE, "anon N0=nan N1=inf N4000=7 N2=8", "2:1000"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct root root;
        char path[512];

        root_open(&root);
        if (!strstr(rows[i].folder, V1))
            root_write(&root, V2 "/cgroup.controllers", "cpuset cpu io memory pids");
        if (rows[i].process) {
            root_write(&root, "/run/libvirt/qemu/web.pid", "4242");
            root_write(&root, "/proc/4242/cgroup", rows[i].process);
        }
        snprintf(path, sizeof(path), "%s/memory.numa_stat", rows[i].folder);
        root_write(&root, path, rows[i].text);
        assert_told(&root, "", rows[i].expected);
        root_close(&root);
    }
}

static void most_nodes_of_many_are_kept(void **state)
{
    struct guest_memory memory;
    struct cgroup_place place = {.memory = SCOPE};
    struct root root;
    char text[4000] = "anon";

    (void)state;
    for (unsigned n = 0; n < 40; n++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), " N%u=%u", n,
                 n < 39 ? 10U : 610U);
    root_open(&root);
    root_write(&root, V2 SCOPE "/memory.numa_stat", text);
    assert_true(numa_stat_read(root.path, &place, false, &memory));
    assert_int_equal(memory.n, GUEST_NODES);
    assert_int_equal(memory.at[0].node, 39);
    assert_int_equal(memory.at[0].permille, 610);
    assert_int_equal(memory.at[1].permille, 10);
    root_close(&root);
}

static void huge_pages_count_where_they_are_counted(void **state)
{
    struct guest_definition definition = parse("<memoryBacking><hugepages/></memoryBacking>");
    struct guest_memory memory;
    struct root root;

    (void)state;
    root_open(&root);
    root_write(&root, V2 "/cgroup.controllers", "cpuset cpu io memory hugetlb");
    root_write(&root, V2 SCOPE "/memory.numa_stat", "anon N0=100 N1=0\nshmem N0=0");
    local_host_memory(root.path, "web", 7, &definition, &memory);
    assert_memory(&memory, "unknown");
    root_write(&root, V2 SCOPE "/hugetlb.2MB.numa_stat", "total=600 N0=0 N1=600");
    root_write(&root, V2 SCOPE "/hugetlb.1GB.numa_stat", "total=300 N0=300 N1=0");
    root_write(&root, V2 SCOPE "/hugetlb.1GB.max", "max");
    local_host_memory(root.path, "web", 7, &definition, &memory);
    assert_memory(&memory, "1:600 0:400");
    guest_definition_done(&definition);
    root_close(&root);
}

static void the_kernel_moves_what_nobody_placed(void **state)
{
    static const struct {
        const char *inside, *balancing;
        bool is_following;
    } rows[] = {
        {"", "1", true},
        {"", "3", true}, /* tiers as well */
        {"", "0", false},
        {"", "2", false},
        {"", NULL, false},
        {"<numatune><memory mode='preferred' nodeset='1'/></numatune>", "1", false},
        {"<memoryBacking><hugepages/></memoryBacking>", "1", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct guest_definition definition = parse(rows[i].inside);
        struct guest_memory memory;
        struct root root;

        root_open(&root);
        if (rows[i].balancing)
            root_write(&root, "/proc/sys/kernel/numa_balancing", rows[i].balancing);
        local_host_memory(root.path, "web", 7, &definition, &memory);
        assert_int_equal(memory.is_following, rows[i].is_following);
        guest_definition_done(&definition);
        root_close(&root);
    }
}

static void one_node_is_nothing_to_ask_about(void **state)
{
    struct root root;

    (void)state;
    root_open(&root);
    assert_false(numa_stat_has_nodes(root.path));
    root_write(&root, "/sys/devices/system/node/online", "0");
    assert_false(numa_stat_has_nodes(root.path));
    root_write(&root, "/sys/devices/system/node/online", "0,8");
    assert_true(numa_stat_has_nodes(root.path));
    root_close(&root);
}

static void people_read_where_it_is(void **state)
{
    struct guest_memory memory = {.is_known = true, .n = 2};
    char text[300], few[20];

    (void)state;
    memory.at[0].node = 1;
    memory.at[0].permille = 820;
    memory.at[1].permille = 180;
    report_nodes_of_guest(&memory, text, sizeof(text));
    assert_string_equal(text, "82 % of its memory is on node 1, 18 % on node 0");
    memory.is_bound = true;
    cpuset_add(&memory.bound, 1);
    report_nodes_of_guest(&memory, text, sizeof(text));
    assert_string_equal(text, "82 % of its memory is on node 1, 18 % on node 0; its definition "
                              "binds it to node 1");
    memory.is_known = false;
    report_nodes_of_guest(&memory, text, sizeof(text));
    assert_non_null(strstr(text, "nobody tells where its memory lies"));
    assert_non_null(strstr(text, "binds it to node 1"));
    report_nodes_of_guest(&memory, few, sizeof(few));
    assert_int_equal(strlen(few), sizeof(few) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definitions_bind_or_tell),
        cmocka_unit_test(the_live_definition_counts),
        cmocka_unit_test(control_groups_of_both_versions_tell),
        cmocka_unit_test(most_nodes_of_many_are_kept),
        cmocka_unit_test(huge_pages_count_where_they_are_counted),
        cmocka_unit_test(the_kernel_moves_what_nobody_placed),
        cmocka_unit_test(one_node_is_nothing_to_ask_about),
        cmocka_unit_test(people_read_where_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
