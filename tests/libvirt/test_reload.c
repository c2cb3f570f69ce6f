/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SIGHUP with a configuration, on libvirt's test driver: read again, all or nothing. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/clock.h"
#include "tests/libvirt/command_fixture.h"

enum { WAIT_MS = 10000, STEP_MS = 20 };

static const char plain[] = "[vcpu]\ninterval = 0.1\nact = no\nconnect = test:///default\n";

static char *conf_path(void)
{
    static char path[128];

    command_path("recording", path, sizeof(path)); /* which the fixture takes away */
    return path;
}

static void write_conf(const char *text, const char *more)
{
    FILE *file = fopen(conf_path(), "w");

    assert_non_null(file);
    fprintf(file, "%s%s", text, more);
    fclose(file);
}

static struct run start(const char *options, void (*before)(void))
{
    char line[256];

    snprintf(line, sizeof(line), "vcpu_scheduler --config %s %s", conf_path(), options);
    return command_start_after(line, NULL, before);
}

/* Waits for the text in what the program has said to out or err. */
static void wait_for(const char *file, const char *part)
{
    for (int waited = 0; waited < WAIT_MS; waited += STEP_MS) {
        char *text = command_file(file);
        bool is_there = strstr(text, part) != NULL;

        free(text);
        if (is_there)
            return;
        clock_wait_ms(STEP_MS);
    }
    fail_msg("'%s' is not said", part);
}

static void end(struct run *run, int status)
{
    kill(run->pid, SIGTERM);
    command_finish(run);
    if (run->status != status)
        fail_msg("status %d\n%s", run->status, run->err);
}

static void nothing(void)
{
}

static void what_is_right_is_in_force(void **state)
{
    struct run run;

    (void)state;
    write_conf(plain, "");
    run = start("", nothing);
    wait_for("out", "interval=2 ");
    write_conf(plain, "json = yes\n");
    kill(run.pid, SIGHUP);
    wait_for("out", "\"verdict\"");
    assert_int_equal(waitpid(run.pid, NULL, WNOHANG), 0);
    end(&run, 0);
    assert_has_text(run.err, "the configuration was read again");
    command_done(&run);
}

/* Neither what cannot be read, nor what cannot be opened. */
static void what_is_wrong_changes_nothing(void **state)
{
    struct run run;
    size_t before;
    char *text;

    (void)state;
    write_conf(plain, "");
    run = start("", nothing);
    wait_for("out", "interval=2 ");
    write_conf(plain, "json = yes\npenalty = many\n");
    kill(run.pid, SIGHUP);
    wait_for("err", ":6: penalty takes");
    wait_for("err", "what is in force stays");
    text = command_file("out");
    before = count_text_lines(text);
    free(text);
    write_conf(plain, "record = /nowhere/at/all\n");
    kill(run.pid, SIGHUP);
    wait_for("err", "what was in force before stays");
    for (int waited = 0; waited < WAIT_MS; waited += STEP_MS) {
        text = command_file("out");
        if (count_text_lines(text) > before + 20)
            waited = WAIT_MS;
        free(text);
        clock_wait_ms(STEP_MS);
    }
    end(&run, 0);
    assert_true(count_text_lines(run.out) > before + 20); /* it goes on */
    assert_null(strstr(run.out, "\"verdict\""));
    command_done(&run);
}

/* The new folder would know of nothing that was found before. These cannot be made, by root neither. */
static void what_is_owed_stays_where_it_is(void **state)
{
    struct run run;

    (void)state;
    write_conf(plain, "state = /dev/null/one\n");
    run = start("", nothing);
    wait_for("out", "interval=2 ");
    write_conf(plain, "state = /dev/null/two\njson = yes\n");
    kill(run.pid, SIGHUP);
    wait_for("err", "'/dev/null/one': stop, move it to '/dev/null/two', and start again");
    write_conf(plain, "state = /dev/null/one\njson = yes\n");
    kill(run.pid, SIGHUP);
    wait_for("out", "\"verdict\"");
    end(&run, 0);
    command_done(&run);
}

static void ignore_hangup(void)
{
    signal(SIGHUP, SIG_IGN);
}

static void a_hangup_that_is_ignored_stays_ignored(void **state)
{
    struct run run;

    (void)state;
    write_conf(plain, "");
    run = start("", ignore_hangup);
    wait_for("out", "interval=2 ");
    write_conf(plain, "json = yes\n");
    kill(run.pid, SIGHUP);
    wait_for("out", "interval=9 ");
    end(&run, 0);
    assert_null(strstr(run.out, "\"verdict\""));
    command_done(&run);
}

static void without_a_configuration_a_hangup_ends(void **state)
{
    struct run run = command_start("vcpu_scheduler 0.1 --dry-run --connect test:///default", NULL);

    (void)state;
    wait_for("out", "interval=2 ");
    kill(run.pid, SIGHUP);
    command_finish(&run);
    assert_int_equal(run.status, 0);
    assert_has_text(run.out, "summary:");
    command_done(&run);
}

static void at_the_start_a_mistake_ends(void **state)
{
    struct run run;

    (void)state;
    write_conf(plain, "penalty = many\n");
    run = start("", nothing);
    command_finish(&run);
    assert_int_equal(run.status, 2);
    assert_has_text(run.err, ":5: penalty takes");
    command_done(&run);
    run = start("--check-config", nothing);
    command_finish(&run);
    assert_int_equal(run.status, 2);
    command_done(&run);
    write_conf(plain, "");
    run = start("--check-config", nothing);
    command_finish(&run);
    assert_int_equal(run.status, 0);
    assert_string_equal(run.out, "");
    command_done(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_right_is_in_force, command_set_up,
                                        command_tear_down),
        cmocka_unit_test_setup_teardown(what_is_wrong_changes_nothing, command_set_up,
                                        command_tear_down),
        cmocka_unit_test_setup_teardown(what_is_owed_stays_where_it_is, command_set_up,
                                        command_tear_down),
        cmocka_unit_test_setup_teardown(a_hangup_that_is_ignored_stays_ignored, command_set_up,
                                        command_tear_down),
        cmocka_unit_test_setup_teardown(without_a_configuration_a_hangup_ends, command_set_up,
                                        command_tear_down),
        cmocka_unit_test_setup_teardown(at_the_start_a_mistake_ends, command_set_up,
                                        command_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
