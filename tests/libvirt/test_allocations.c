/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each allocation of a run fails in turn: no crash, an exit status as it is documented, every
 * JSON line whole. ALLOCATIONS says how many of them are tried, spread over the run; "all" of them. On a
 * simulated host: libvirt and libxml2 abort by themselves without memory, which is what the
 * journal is for. In the middle of a string jansson's reader aborts, or reads an empty one, which is then
 * refused: before anything is changed. */
#include <jansson.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/libvirt/command_fixture.h"

static const long default_points = 40; /* of each run below */

static long fail_at;
static bool fails_all;

static void before(void)
{
    char text[32], path[256];

    command_path("count", path, sizeof(path));
    snprintf(text, sizeof(text), "%ld", fail_at);
    setenv("FAIL_AT", text, 1);
    setenv("COUNT_FILE", path, 1);
    if (fails_all)
        setenv("FAIL_ALL", "1", 1);
    setenv("LD_PRELOAD", BINARY_DIR "/libfailalloc.so", 1);
}

static struct run run_failing(const char *line, long at, bool all)
{
    struct run run;

    fail_at = at;
    fails_all = all;
    run = command_start_after(line, NULL, before);
    command_finish(&run);
    return run;
}

/* What is on a line is an object, and one that holds did nothing. */
static bool is_json(char *out)
{
    bool is_whole = true;

    for (char *text = strtok(out, "\n"); text && is_whole; text = strtok(NULL, "\n")) {
        json_t *object = json_loads(text, 0, NULL);
        const char *verdict = json_string_value(json_object_get(object, "verdict"));

        is_whole = json_object_get(object, "summary") ||
                   (verdict && (strcmp(verdict, "apply") == 0 ||
                                json_integer_value(json_object_get(object, "done")) == 0));
        json_decref(object);
    }
    return is_whole;
}

static void clean_up(void)
{
    char line[256] = "rm -rf ", path[128];

    command_path("lp", path, sizeof(path));
    strcat(line, path);
    strcat(line, " ");
    command_path("recording*", path, sizeof(path));
    strcat(line, path);
    assert_int_equal(system(line), 0);
}

/* A long sweep goes on and tells of all that is wrong. */
static bool is_right(const char *line, long at, bool all)
{
    struct run run = run_failing(line, at, all);
    bool is_wrong = run.status == 2 || run.status == 128 + SIGABRT || run.status == 128 + SIGSEGV;
    bool is_library = is_wrong && strstr(run.err, "fails in jansson's reader");
    bool has_ended = run.status == 0 || run.status == 1 || is_library;
    bool is_whole = !strstr(line, "--json") || is_json(run.out);

    if (!has_ended || !is_whole)
        print_error("%s, allocation %ld%s: exit status %d%s\n%.500s", line, at,
                    all ? " and all later ones" : "", run.status,
                    is_whole ? "" : ", a line that is no JSON", run.err);
    command_done(&run);
    clean_up();
    return has_ended && is_whole;
}

static long points(void)
{
    const char *text = getenv("ALLOCATIONS");

    if (text && strcmp(text, "all") == 0)
        return LONG_MAX;
    return text && atol(text) > 0 ? atol(text) : default_points;
}

static void sweep(const char *options, bool all)
{
    char line[400], lp[128], recording[128], *text;
    struct run run;
    long n, step, wrong = 0;

    command_path("lp", lp, sizeof(lp));
    command_path("recording", recording, sizeof(recording));
    snprintf(line, sizeof(line), "%s --emit-lp %s --record %s", options, lp, recording);
    run = run_failing(line, 0, false);
    assert_int_equal(run.status, 0);
    command_done(&run);
    clean_up();
    text = command_file("count");
    n = atol(text);
    free(text);
    assert_true(n > 1000);
    step = n / points() > 0 ? n / points() : 1;
    printf("%ld allocations, one of %ld fails: %s\n", n, step, options);
    fflush(stdout);
    for (long at = 1 + n % step; at <= n; at += step)
        wrong += !is_right(line, at, all);
    assert_int_equal(wrong, 0);
}

static const char scheduler[] = "vcpu_scheduler 5 --simulate cpu-1 --json";
static const char coordinator[] = "memory_coordinator 5 --simulate memory-1 --json --explain";

static void one_allocation_of_the_scheduler_fails(void **state)
{
    (void)state;
    sweep(scheduler, false);
}

static void all_allocations_of_the_scheduler_fail_from_one_on(void **state)
{
    (void)state;
    sweep(scheduler, true);
}

static void one_allocation_of_the_coordinator_fails(void **state)
{
    (void)state;
    sweep(coordinator, false);
}

static void all_allocations_of_the_coordinator_fail_from_one_on(void **state)
{
    (void)state;
    sweep(coordinator, true);
}

static int tear_down(void **state)
{
    char path[128];

    command_path("count", path, sizeof(path));
    unlink(path);
    return command_tear_down(state);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, command_set_up, tear_down)

/* With an argument only the tests whose names are like it. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        ROW(one_allocation_of_the_scheduler_fails),
        ROW(all_allocations_of_the_scheduler_fail_from_one_on),
        ROW(one_allocation_of_the_coordinator_fails),
        ROW(all_allocations_of_the_coordinator_fail_from_one_on),
    };

    if (access(BINARY_DIR "/libfailalloc.so", F_OK) != 0) {
        printf("skipped: the sanitizers have allocators of their own\n");
        return 77;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
