/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the caller leaves a program: signals, descriptors, an output that fails. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/clock.h"
#include "tests/libvirt/command_fixture.h"

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

static void await_output(const char *part)
{
    for (int i = 0; i < 200; i++) {
        char *text = command_file("out");
        bool there = strstr(text, part) != NULL;

        free(text);
        if (there)
            return;
        sleep_ms(50);
    }
    fail_msg("no \"%s\" within 10 s", part);
}

static void a_signal_ends_it_with_a_summary(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    static const char *const lines[] = {
        "vcpu_scheduler 3600 --connect test:///default",
        "memory_coordinator 3600 --connect test:///default --restore"};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        struct run run = command_start(lines[i % 2], NULL);
        uint64_t asked_ns;

        await_output("interval=1 ");
        asked_ns = clock_monotonic_ns();
        kill(run.pid, signals[i / 2]);
        command_finish(&run);
        assert_int_equal(run.status, 0);
        assert_true(clock_monotonic_ns() - asked_ns < 1000000000u);
        assert_has_text(run.out, "summary: 1 intervals");
        command_done(&run);
    }
}

static void ignore_hangup(void)
{
    signal(SIGHUP, SIG_IGN);
}

static void nohup_works(void **state)
{
    struct run run =
        command_start_after("vcpu_scheduler 3600 --connect test:///default", NULL, ignore_hangup);

    (void)state;
    await_output("interval=1 ");
    kill(run.pid, SIGHUP);
    sleep_ms(300);
    assert_int_equal(waitpid(run.pid, NULL, WNOHANG), 0);
    kill(run.pid, SIGTERM);
    command_finish(&run);
    assert_int_equal(run.status, 0);
    command_done(&run);
}

static void close_standard_descriptors(void)
{
    close(0);
    close(1);
    close(2);
}

/* A recording that became descriptor 2 would get the log's lines. */
static void closed_descriptors_do_not_mix_files(void **state)
{
    char line[160], path[64];
    struct run run;

    (void)state;
    command_path("recording", path, sizeof(path));
    snprintf(line, sizeof(line), "memory_coordinator 2 --simulate memory-1 --json --record %s",
             path);
    run = command_start_after(line, NULL, close_standard_descriptors);
    command_finish(&run);
    assert_int_equal(run.status, 0);
    command_done(&run);
    snprintf(line, sizeof(line), "memory_coordinator --replay %s", path);
    run = command_run(line);
    assert_int_equal(run.status, 0);
    command_done(&run);
}

/* A full disk is said once and stops nothing; nobody listening is a request to stop. */
static void trouble_with_the_output(void **state)
{
    struct run run = command_start("vcpu_scheduler 2 --simulate cpu-1 --restore", "/dev/full");

    (void)state;
    command_finish(&run);
    assert_int_equal(run.status, 0);
    assert_has_text(run.err, "No space left");
    assert_has_text(run.err, "put back 6 affinities");
    assert_int_equal(count_text_lines(run.err), 2);
    command_done(&run);
}

/* Sleeps, then reads all there is, until the program speaks of it. */
static void reports_that_nobody_takes_are_counted(void **state)
{
    char path[64], text[65536];
    struct run run;
    bool is_told = false;
    int fd;

    (void)state;
    command_path("recording", path, sizeof(path));
    assert_int_equal(mkfifo(path, 0600), 0);
    fd = open(path, O_RDONLY | O_NONBLOCK);
    run = command_start("vcpu_scheduler 0.01 --connect test:///default --verbose", path);
    for (int i = 0; i < 5 && !is_told; i++) {
        char *said;

        sleep_ms(4000);
        for (int n = 0; n < 20; n++) {
            while (read(fd, text, sizeof(text)) > 0)
                ;
            sleep_ms(10);
        }
        said = command_file("err");
        is_told = strstr(said, " reports were not taken") != NULL;
        free(said);
    }
    kill(run.pid, SIGTERM);
    command_finish(&run);
    close(fd);
    assert_true(is_told);
    assert_int_equal(run.status, 0);
    command_done(&run);
}

/* What exists is never written into, so that nobody has to wait for a pipe's reader. */
static void a_recording_is_no_pipe(void **state)
{
    char path[64], line[160];
    struct run run;

    (void)state;
    command_path("recording", path, sizeof(path));
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(line, sizeof(line), "vcpu_scheduler 2 --simulate cpu-1 --record %s", path);
    run = command_run(line);
    assert_int_equal(run.status, 2);
    assert_has_text(run.err, "--record: cannot write");
    command_done(&run);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, command_set_up, command_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(a_signal_ends_it_with_a_summary),       ROW(nohup_works),
        ROW(closed_descriptors_do_not_mix_files),   ROW(trouble_with_the_output),
        ROW(reports_that_nobody_takes_are_counted), ROW(a_recording_is_no_pipe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
