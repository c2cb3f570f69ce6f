/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/host/meminfo.h"

static int read_text(const char *text, struct host_memory *ret)
{
    char path[] = "/tmp/meminfo-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");
    int r;

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    r = meminfo_read(path, ret);
    unlink(path);
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
    assert_int_equal(meminfo_read("/nowhere/meminfo", &memory), -ENOENT);
    assert_int_equal(memory.total_kib, 1);
    assert_int_equal(memory.free_kib, 2);
    assert_int_equal(meminfo_read("/proc/meminfo", &memory), 0);
    assert_true(memory.total_kib > memory.free_kib);
}

static void whose_meminfo_it_is(void **state)
{
    static const struct {
        const char *uri;
        bool local;
    } rows[] = {
        {"qemu:///system", true},
        {"qemu:///session", true},
        {"qemu+unix:///system", true},
        {"qemu+ssh://host/system", false},
        {"qemu+tls://host/system", false},
        {"qemu://host/system", false},
        {"test:///default", false},
        {"xen:///system", false},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(uri_is_local_qemu(rows[i].uri), rows[i].local);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_three_numbers),
        cmocka_unit_test(malformed_files_leave_the_result_alone),
        cmocka_unit_test(whose_meminfo_it_is),
        cmocka_unit_test(the_smaller_number_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
