/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/host/meminfo.h"
#include "tests/unit/root_fixture.h"

static int read_text(const char *text, struct host_memory *ret)
{
    struct root root;
    int r;

    root_open(&root);
    root_write(&root, "/proc/meminfo", text);
    r = meminfo_read(root.path, ret);
    root_close(&root);
    return r;
}

static void the_three_numbers(void **state)
{
    struct host_memory memory = {0};

    (void)state;
    assert_int_equal(read_text("MemTotal:       16316412 kB\nMemFree:         1000 kB\n"
                               "MemAvailable:    9000 kB\nBuffers: 1 kB\nSwapFree: 77 kB\n",
                               &memory),
                     0);
    assert_int_equal(memory.total_kib, 16316412);
    assert_int_equal(memory.free_kib, 1000);
    assert_int_equal(memory.available_kib, 9000);
    assert_int_equal(read_text("MemFree: 7 kB\nMemTotal: 9 kB\n", &memory), 0);
    assert_int_equal(memory.available_kib, 7); /* kernels before 3.14 */
}

static void malformed_files_leave_the_result_alone(void **state)
{
    static const char *const rows[] = {
        "",
        "MemTotal: 5 kB\n",
        "MemFree: 5 kB\n",
        "MemTotal: x kB\nMemFree: 5 kB\n",
        "XMemTotal: 5 kB\nMemFree 5 kB\n",
    };
    struct host_memory memory = {.total_kib = 1, .free_kib = 2};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(read_text(rows[i], &memory), -EINVAL);
    assert_int_equal(meminfo_read("/nowhere", &memory), -ENOENT);
    assert_int_equal(memory.total_kib, 1);
    assert_int_equal(memory.free_kib, 2);
    assert_int_equal(meminfo_read("", &memory), 0);
    assert_true(memory.total_kib > memory.free_kib);
}

static void the_smaller_number_counts(void **state)
{
    struct host_memory memory = {100, 50, 60};
    const struct host_memory other = {90, 55, 40};

    (void)state;
    host_memory_reduce(&memory, &other);
    assert_int_equal(memory.total_kib, 90);
    assert_int_equal(memory.free_kib, 50);
    assert_int_equal(memory.available_kib, 40);
}

static void sizes_that_no_machine_has_are_not_told(void **state)
{
    struct host_memory memory = {0};

    (void)state;
    host_memory_take(&memory, "total", UINT64_MAX);
    host_memory_take(&memory, "free", 7);
    host_memory_take(&memory, "cached", UINT64_MAX - 3);
    assert_int_equal(memory.total_kib, 0);
    assert_int_equal(memory.free_kib, 7);
    assert_int_equal(memory.available_kib, 7);
}

static uint64_t arc_of(const char *text)
{
    struct root root;
    uint64_t arc_kib;

    root_open(&root);
    if (text)
        root_write(&root, "/proc/spl/kstat/zfs/arcstats", text);
    arc_kib = meminfo_arc_kib(root.path);
    root_close(&root);
    return arc_kib;
}

static void the_cache_of_zfs_counts_above_its_least_size(void **state)
{
    static const char stats[] = "13 1 0x01 123 33456 8765432100 9876543210\n"
                                "name                            type data\n"
                                "hits                            4    77\n"
                                "c                               4    9000000\n"
                                "c_min                           4    1048576\n"
                                "c_max                           4    99000000\n"
                                "size                            4    5242880\n"
                                "compressed_size                 4    1\n";

    (void)state;
    assert_int_equal(arc_of(stats), 4096);
    assert_int_equal(arc_of("c_min 4 9\nsize 4 8\n"), 0);
    assert_int_equal(arc_of("nothing of the kind\n"), 0);
    assert_int_equal(arc_of(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_three_numbers),
        cmocka_unit_test(malformed_files_leave_the_result_alone),
        cmocka_unit_test(the_smaller_number_counts),
        cmocka_unit_test(sizes_that_no_machine_has_are_not_told),
        cmocka_unit_test(the_cache_of_zfs_counts_above_its_least_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
