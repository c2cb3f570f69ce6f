/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Record a day in a dry run, and ask what another setting would have done." */
#include <jansson.h>
#include <setjmp.h>
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

static struct run run_on(const char *before, const char *recording, const char *after)
{
    char path[128], line[512];

    command_path(recording, path, sizeof(path));
    snprintf(line, sizeof(line), "%s %s %s", before, path, after);
    return command_run(line);
}

static void record(const char *program_and_scenario, const char *recording)
{
    struct run run = run_on(program_and_scenario, recording, "");

    assert_string_equal(run.err, "");
    assert_int_equal(run.status, 0);
    command_done(&run);
}

/* A dry run on one recording, with other options, makes another. */
static void play(const char *program, const char *from, const char *options, const char *to)
{
    char path[128], line[300];

    command_path(from, path, sizeof(path));
    snprintf(line, sizeof(line), "%s 2 --simulate %s %s --dry-run --quiet --record", program, path,
             options);
    record(line, to);
}

/* Of the n-th line with a sample; NULL where there is none. */
static json_t *member_of_line(const char *text, int n, const char *member)
{
    json_t *line, *ret;

    for (; n > 0 && text; n--)
        text = strstr(text + 1, "{\"sample\":");
    if (!text || !*text)
        return NULL;
    line = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
    assert_non_null(line);
    ret = json_incref(json_object_get(line, member));
    json_decref(line);
    return ret;
}

static json_int_t demand_of(const json_t *plan, size_t vcpu)
{
    const json_t *place = json_array_get(json_object_get(plan, "places"), vcpu);

    return json_integer_value(json_array_get(place, 3));
}

static json_int_t moves_of(struct run *run)
{
    const char *last = strstr(run->out, "{\"summary\":");
    json_t *json = last ? json_loads(last, 0, NULL) : NULL;
    json_int_t moves =
        json_integer_value(json_object_get(json_object_get(json, "summary"), "moves"));

    assert_non_null(json);
    assert_int_equal(run->status, 0);
    json_decref(json);
    command_done(run);
    return moves;
}

/* What the planner saw it sees again, whatever it is told to make of it. */
static void the_same_demand(void **state)
{
    char *first, *second;
    int n_compared = 0;

    (void)state;
    record("vcpu_scheduler 2 --simulate cpu-7 --dry-run --quiet --record", "first");
    play("vcpu_scheduler", "first", "--penalty 20", "second");
    first = command_file("first");
    second = command_file("second");
    for (int n = 3; n < 30; n++) {
        json_t *one = member_of_line(first, n, "plan"), *two = member_of_line(second, n, "plan");

        assert_non_null(one);
        assert_non_null(two);
        for (size_t v = 0; v < 8; v++, n_compared++) {
            if (llabs(demand_of(one, v) - demand_of(two, v)) > 2)
                fail_msg("line %d, vCPU %zu: %lld is not %lld", n, v, (long long)demand_of(one, v),
                         (long long)demand_of(two, v));
        }
        json_decref(one);
        json_decref(two);
    }
    assert_int_equal(n_compared, 27 * 8);
    free(first);
    free(second);
}

static void other_moves(void **state)
{
    struct run cheap, dear;
    json_int_t n_cheap, n_dear;

    (void)state;
    record("vcpu_scheduler 2 --simulate demo-cpu --dry-run --quiet --record", "crowd");
    cheap = run_on("vcpu_scheduler 2 --json --penalty 0.1 --simulate", "crowd", "");
    n_cheap = moves_of(&cheap);
    dear = run_on("vcpu_scheduler 2 --json --penalty 90 --simulate", "crowd", "");
    n_dear = moves_of(&dear);
    assert_true(n_dear >= 6); /* eight guests are on pCPU 0 */
    assert_true(n_dear < n_cheap);
}

/* The memory that the guests had in use, on a host of the same size. */
static void memory_too(void **state)
{
    char *first, *second;
    json_t *before, *after, *one, *two;

    (void)state;
    record("memory_coordinator 2 --simulate memory-4 --dry-run --quiet --record", "memory");
    play("memory_coordinator", "memory", "", "again");
    first = command_file("memory");
    second = command_file("again");
    before = member_of_line(first, 12, "sample");
    after = member_of_line(second, 12, "sample");
    assert_int_equal(json_integer_value(json_object_get(before, "host_total_kib")),
                     json_integer_value(json_object_get(after, "host_total_kib")));
    for (size_t g = 0; g < 4; g++) {
        one = json_array_get(json_object_get(before, "guests"), g);
        two = json_array_get(json_object_get(after, "guests"), g);
        assert_string_equal(json_string_value(json_object_get(one, "uuid")),
                            json_string_value(json_object_get(two, "uuid")));
        assert_true(llabs(json_integer_value(json_object_get(one, "unused_kib")) -
                          json_integer_value(json_object_get(two, "unused_kib"))) < 40 * 1024);
        assert_int_equal(json_integer_value(json_object_get(two, "actual_kib")), 512 * 1024);
    }
    json_decref(before);
    json_decref(after);
    free(first);
    free(second);
}

static void what_is_broken_is_named(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"{\"format\":\"evenkeel-recording\",\"version\":7}\n", "line 1: it has a format"},
        {"{\"format\":\"evenkeel-recording\",\"version\":1}\n", "which program"},
        {"{\"format\":\"evenkeel-recording\",\"version\":1,\"program\":\"vcpu_scheduler\"}\n",
         "holds no load"},
        {"{\"format\":\"evenkeel-recording\",\"version\":1,\"program\":\"vcpu_scheduler\"}\n"
         "{\"sample\":{}}\n",
         "line 2: the sample has no time"},
        {"{\"format\":\"evenkeel-recording\",\"version\":1,\"program\":\"vcpu_scheduler\"}\n{\n",
         "line 2: "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char path[128];
        struct run run;
        FILE *out;

        command_path("broken", path, sizeof(path));
        out = fopen(path, "w");
        assert_non_null(out);
        fputs(cases[i].text, out);
        assert_int_equal(fclose(out), 0);
        run = run_on("vcpu_scheduler 2 --simulate", "broken", "");
        assert_int_equal(run.status, 2);
        assert_has_text(run.err, cases[i].says);
        command_done(&run);
    }
}

static void it_is_its_own_program_s(void **state)
{
    struct run run;

    (void)state;
    run = run_on("memory_coordinator 2 --simulate", "crowd", "");
    assert_int_equal(run.status, 2);
    assert_has_text(run.err, "is for vcpu_scheduler");
    command_done(&run);
}

static int tear_down(void **state)
{
    static const char *const names[] = {"first", "second", "crowd", "memory", "again", "broken"};
    char path[128];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        command_path(names[i], path, sizeof(path));
        unlink(path);
    }
    return command_tear_down(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_demand),
        cmocka_unit_test(other_moves),
        cmocka_unit_test(memory_too),
        cmocka_unit_test(what_is_broken_is_named),
        cmocka_unit_test(it_is_its_own_program_s),
    };

    return cmocka_run_group_tests(tests, command_set_up, tear_down);
}
