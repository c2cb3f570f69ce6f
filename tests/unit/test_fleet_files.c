/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/fleet/demand.h"
#include "agent/fleet/hosts_file.h"
#include "tests/unit/cib_fixture.h"

/* A file of the test's own with that text. */
static const char *file_with(const char *text)
{
    static char path[] = "/tmp/evenkeel-fleet-test-XXXXXX";
    static const char pattern[] = "/tmp/evenkeel-fleet-test-XXXXXX";
    int fd;

    memcpy(path, pattern, sizeof(path));
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return path;
}

static void hosts_are_read(void **state)
{
    const char *path =
        file_with("# all of them\nqemu+ssh://root@node7:22/system reserve=512\n\n"
                  "  qemu:///system name=here # this one\r\nqemu+tls://[::1]/system");
    struct hosts_file file;
    struct err err = {0};

    (void)state;
    assert_int_equal(hosts_file_read(path, &file, &err), 0);
    unlink(path);
    assert_int_equal(file.n, 3);
    assert_string_equal(file.entries[0].name, "[::1]");
    assert_string_equal(file.entries[1].name, "here");
    assert_string_equal(file.entries[1].uri, "qemu:///system");
    assert_int_equal(file.entries[1].reserve_mib, -1);
    assert_string_equal(file.entries[2].name, "node7");
    assert_int_equal(file.entries[2].reserve_mib, 512);
    hosts_file_done(&file);
}

static void hosts_that_cannot_be_read(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "names no host"},
        {"# nobody\n", "names no host"},
        {"name=x\n", ":1: a line has no URI"},
        {"a\nreserve=5\n", ":2: a line has no URI"},
        {"a b\n", ":1: a line is a URI"},
        {"a\nb reserve=1.5\n", ":2: reserve= takes MiB"},
        {"a reserve=-1\n", ":1: reserve= takes MiB"},
        {"test://a/x\ntest://a/y\n", "two hosts 'a'"},
        {"qemu\033[31m\n", "characters that nobody sees"},
        {"a\xff\n", "characters that nobody sees"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *path = file_with(cases[i].text);
        struct hosts_file file;
        struct err err = {0};

        assert_int_equal(hosts_file_read(path, &file, &err), -EINVAL);
        unlink(path);
        if (!strstr(err.text, cases[i].words))
            fail_msg("case %zu: %s", i, err.text);
    }
}

static void statistics_are_read(void **state)
{
    const char *path =
        file_with("{\"guests\": [{\"guest\": \"v1\", \"mean_cpus\": 0.5, \"p95_cpus\": "
                  "1.25}, {\"guest\": \"v9\", \"mean_cpus\": 1}, {\"guest\": \"v2\", "
                  "\"mean_cpus\": 3}]}");
    struct cluster cluster;
    struct err err = {0};

    (void)state;
    read_fixture(&(struct cib_gaps){0}, &cluster);
    assert_int_equal(demand_read(path, &cluster, &err), 0);
    unlink(path);
    assert_int_equal(guest_of(&cluster, "v1")->load_milli, 500);
    assert_int_equal(guest_of(&cluster, "v1")->peak_milli, 1250);
    assert_int_equal(guest_of(&cluster, "v2")->load_milli, 3000);
    assert_int_equal(guest_of(&cluster, "v3")->load_milli, 4000);
    assert_noted(&cluster, "the statistics tell of 1 guest that is not here ('v9')");
    demand_note(&cluster);
    assert_noted(&cluster, "the load of 1 running guest ('v3') is");
    cluster_done(&cluster);
}

static void statistics_that_cannot_be_read(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{\"guests\": 1}",
        "{\"guests\": [1]}",
        "{\"guests\": [{\"guest\": \"v1\"}]}",
        "{\"guests\": [{\"guest\": \"v1\", \"mean_cpus\": -1}]}",
        "{\"guests\": [{\"guest\": \"v1\", \"mean_cpus\": 1e300}]}",
        "{\"guests\": [{\"guest\": \"v1\", \"mean_cpus\": 1, \"p95_cpus\": \"2\"}]}",
        ("{\"guests\": [{\"guest\": \"v1\", \"mean_cpus\": 1}, {\"guest\": \"v1\", "
         "\"mean_cpus\": 1}]}"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *path = file_with(texts[i]);
        struct cluster cluster;
        struct err err = {0};

        read_fixture(&(struct cib_gaps){0}, &cluster);
        if (demand_read(path, &cluster, &err) != -EINVAL || !strstr(err.text, "the statistics in"))
            fail_msg("case %zu: %s", i, err.text);
        unlink(path);
        cluster_done(&cluster);
    }
}

static void the_percentile_is_the_nearest_rank(void **state)
{
    int64_t readings[20], mean, p95;

    (void)state;
    for (int i = 0; i < 20; i++)
        readings[i] = 100 * (20 - i);
    demand_of_readings(readings, 20, &mean, &p95);
    assert_int_equal(mean, 1050);
    assert_int_equal(p95, 1900);
    demand_of_readings(readings, 1, &mean, &p95);
    assert_int_equal(p95, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_read),
        cmocka_unit_test(hosts_that_cannot_be_read),
        cmocka_unit_test(statistics_are_read),
        cmocka_unit_test(statistics_that_cannot_be_read),
        cmocka_unit_test(the_percentile_is_the_nearest_rank),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
