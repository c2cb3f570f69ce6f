/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs as a user starts them: exit status, what goes where, signals. */
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

static void exit_status_and_one_sentence(void **state)
{
    static const struct {
        const char *line;
        int status;
        const char *says; /* on standard error */
    } rows[] = {
        {"vcpu_scheduler", 2, "interval"},
        {"memory_coordinator two", 2, "'two'"},
        {"vcpu_scheduler 2 --bogus", 2, "'--bogus'"},
        {"vcpu_scheduler 2 --connect test:///nowhere.xml", 1, "test:///nowhere.xml"},
        {"vcpu_scheduler 2 --connect test:///nowhere.xml --emit-lp -", 1, "nowhere"},
        {"memory_coordinator 2 --connect qemu+unix:///system?socket=/nowhere", 1, "qemu+unix"},
        {"vcpu_scheduler 2 --simulate no-such-thing", 2, "no-such-thing"},
        {"vcpu_scheduler 2 --simulate memory-1", 2, "memory_coordinator"},
        {"vcpu_scheduler --replay /nowhere", 2, "/nowhere"},
        {"vcpu_scheduler 2 --simulate cpu-1 --record /nowhere/r", 2, "/nowhere"},
        {"vcpu_scheduler 2 --simulate cpu-1 --emit-lp /nowhere/a/b", 2, "/nowhere/a/b"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run run = command_run(rows[i].line);

        if (run.status != rows[i].status)
            fail_msg("%s: exit status %d\n%s", rows[i].line, run.status, run.err);
        assert_has_text(run.err, rows[i].says);
        assert_string_equal(run.out, "");
        command_done(&run);
    }
}

static void what_to_print_and_leave(void **state)
{
    static const char *const rows[][2] = {
        {"vcpu_scheduler --version", "vcpu_scheduler (evenkeel) "},
        {"memory_coordinator --version", "memory_coordinator (evenkeel) "},
        {"vcpu_scheduler --help", "INTERVAL"},
        {"memory_coordinator --help", "--host-reserve"},
        {"vcpu_scheduler --simulate help", "cpu-1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run run = command_run(rows[i][0]);

        assert_int_equal(run.status, 0);
        assert_has_text(run.out, rows[i][1]);
        assert_string_equal(run.err, "");
        command_done(&run);
    }
}

/* Its first look takes from nobody: with --once it goes on until there is something to say. */
static void once_gives_a_plan(void **state)
{
    struct run run = command_run("memory_coordinator 2 --simulate demo-memory --once --dry-run");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_has_text(run.out, "would reclaim");
    command_done(&run);
}

static void once_on_a_hypervisor(void **state)
{
    struct run run = command_run("vcpu_scheduler 0.1 --connect test:///default --once");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_has_text(run.out, "verdict=hold-observing");
    assert_has_text(run.out, "interval=2 ");
    assert_null(strstr(run.out, "interval=3 "));
    assert_has_text(run.out, "summary: 2 intervals");
    command_done(&run);
    run = command_run("memory_coordinator 0.1 --connect test:///default --once --match nobody");
    assert_int_equal(run.status, 0);
    assert_has_text(run.out, "no guests");
    command_done(&run);
}

/* Every line is an object, of an interval or the summary; returns the number of lines that have the
 * key with a value above 0. */
static size_t parse_lines(char *text, const char *key)
{
    size_t n = 0;

    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        json_t *json = json_loads(line, 0, NULL);
        const json_t *value;

        assert_true(json_is_object(json));
        assert_true(json_is_integer(json_object_get(json, "interval")) ||
                    json_is_object(json_object_get(json, "summary")));
        value = json_object_get(json, key);
        n += json_is_array(value) ? json_array_size(value) > 0 : json_number_value(value) > 0;
        json_decref(json);
    }
    return n;
}

static void json_alone_on_standard_output(void **state)
{
    struct run run = command_run("vcpu_scheduler 2 --simulate cpu-1 --json");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_true(parse_lines(run.out, "moves") > 0);
    assert_has_text(run.err, "summary: ");
    command_done(&run);
    run = command_run("memory_coordinator 2 --simulate memory-1 --json --explain");
    assert_int_equal(run.status, 0);
    assert_true(parse_lines(run.out, "grants") > 0);
    command_done(&run);
}

static void quiet_is_quiet(void **state)
{
    struct run run = command_run("vcpu_scheduler 2 --simulate cpu-1 --quiet");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_string_equal(run.out, "");
    assert_string_equal(run.err, "");
    command_done(&run);
}

/* So it has nothing to put back either. */
static void a_dry_run_changes_nothing(void **state)
{
    struct run run = command_run("vcpu_scheduler 2 --simulate cpu-1 --dry-run --restore");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_has_text(run.out, "would pin");
    /* The load stays on pCPU 0 to the end. */
    assert_has_text(strstr(run.out, "interval=14 "), "verdict=apply");
    assert_string_equal(run.err, "");
    command_done(&run);
}

static void models_alone_on_standard_output(void **state)
{
    struct run run = command_run("vcpu_scheduler 2 --simulate cpu-1 --emit-lp -");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_int_equal(strncmp(run.out, "\\ ", 2), 0);
    assert_has_text(run.out, "\nMinimize\n");
    assert_null(strstr(run.out, "interval="));
    assert_has_text(run.err, "interval=");
    command_done(&run);
}

static void a_replay_is_equal_until_the_recording_is_changed(void **state)
{
    static const char *const programs[][2] = {{"vcpu_scheduler", "cpu-5"},
                                              {"memory_coordinator", "memory-4"},
                                              {"memory_coordinator", "memory-1 --dry-run"}};
    char line[256], path[64];

    (void)state;
    command_path("recording", path, sizeof(path));
    for (size_t i = 0; i < 3; i++) {
        struct run run;
        FILE *file;
        char *text, *number;

        snprintf(line, sizeof(line), "%s 2 --simulate %s --quiet --record %s", programs[i][0],
                 programs[i][1], path);
        run = command_run(line);
        assert_int_equal(run.status, 0);
        command_done(&run);
        snprintf(line, sizeof(line), "%s --quiet --replay %s", programs[i][0], path);
        run = command_run(line);
        assert_int_equal(run.status, 0);
        assert_string_equal(run.err, "");
        command_done(&run);
        text = command_file("recording");
        number = strstr(text, "\"hold_objective\":") + strlen("\"hold_objective\":");
        *number = *number == '1' ? '2' : '1';
        file = fopen(path, "w");
        fputs(text, file);
        fclose(file);
        free(text);
        run = command_run(line);
        assert_int_equal(run.status, 1);
        assert_has_text(run.err, "hold_objective");
        command_done(&run);
        unlink(path);
    }
}

/* A script's changes count as answered only where a plan was carried out, then as well as now. */
static void a_replay_knows_which_plans_were_carried_out(void **state)
{
    static const char *const modes[] = {"", "--dry-run"};
    char line[300], scene[64], path[64];
    FILE *file;

    (void)state;
    command_path("recording", path, sizeof(path));
    command_path("scene", scene, sizeof(scene));
    file = fopen(scene, "w");
    assert_non_null(file);
    fputs("{\"guests\": [{\"name\": \"a\", \"count\": 4, \"pct\": 40, \"affinity\": \"0\"}],"
          " \"duration_s\": 40, \"events\": [",
          file);
    for (int at_s = 10; at_s < 40; at_s += 5)
        fprintf(file, "%s{\"at_s\": %d.3, \"do\": \"pin\", \"guest\": \"a-1\", \"pcpus\": \"%d\"}",
                at_s > 10 ? ", " : "", at_s, at_s / 5 % 2);
    fputs("]}", file);
    assert_int_equal(fclose(file), 0);
    for (size_t i = 0; i < 2; i++) {
        struct run run;

        snprintf(line, sizeof(line), "vcpu_scheduler 2 --simulate %s --quiet --record %s %s", scene,
                 path, modes[i]);
        run = command_run(line);
        assert_int_equal(run.status, 0);
        command_done(&run);
        snprintf(line, sizeof(line), "vcpu_scheduler --quiet --replay %s", path);
        run = command_run(line);
        assert_string_equal(run.err, "");
        assert_int_equal(run.status, 0);
        command_done(&run);
        unlink(path);
    }
    unlink(scene);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, command_set_up, command_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(exit_status_and_one_sentence),
        ROW(what_to_print_and_leave),
        ROW(once_gives_a_plan),
        ROW(once_on_a_hypervisor),
        ROW(json_alone_on_standard_output),
        ROW(quiet_is_quiet),
        ROW(a_dry_run_changes_nothing),
        ROW(models_alone_on_standard_output),
        ROW(a_replay_is_equal_until_the_recording_is_changed),
        ROW(a_replay_knows_which_plans_were_carried_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
