/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a service manager hears of the programs, on libvirt's test driver. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/clock.h"
#include "tests/libvirt/command_fixture.h"

enum { WAIT_MS = 10000 };

/* The manager's end. */
static int manager = -1;
static char address[108];

static int set_up(void **state)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    if (command_set_up(state) < 0)
        return -1;
    command_path("recording", address, sizeof(address)); /* which the fixture takes away */
    memcpy(name.sun_path, address, strlen(address) + 1);
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return bind(manager, (struct sockaddr *)&name, sizeof(name));
}

static int tear_down(void **state)
{
    close(manager);
    return command_tear_down(state);
}

static void as_service(void)
{
    setenv("NOTIFY_SOCKET", address, 1);
    setenv("WATCHDOG_USEC", "2000000", 1);
}

/* The next message, or "" after so long. */
static const char *hear(int ms)
{
    static char text[1000];
    struct pollfd readable = {.fd = manager, .events = POLLIN};
    ssize_t n = poll(&readable, 1, ms) > 0 ? recv(manager, text, sizeof(text) - 1, 0) : 0;

    text[n > 0 ? n : 0] = '\0';
    return text;
}

/* Whether one that begins so comes; the others before it are dropped. */
static void wait_for(const char *begin)
{
    uint64_t until_ns = clock_monotonic_ns() + UINT64_C(1000000) * WAIT_MS;
    char last[1000] = "";

    while (clock_monotonic_ns() < until_ns) {
        const char *text = hear(100);

        if (strncmp(text, begin, strlen(begin)) == 0)
            return;
        if (text[0])
            snprintf(last, sizeof(last), "%s", text);
    }
    fail_msg("'%s' does not come, last was '%s'", begin, last);
}

/* How many came within so long. */
static int count(const char *begin, int ms)
{
    uint64_t until_ns = clock_monotonic_ns() + UINT64_C(1000000) * (uint64_t)ms;
    int n = 0;

    while (clock_monotonic_ns() < until_ns)
        n += strncmp(hear(50), begin, strlen(begin)) == 0;
    return n;
}

static void end(struct run *run, int status)
{
    kill(run->pid, SIGTERM);
    command_finish(run);
    if (run->status != status)
        fail_msg("status %d\n%s", run->status, run->err);
    command_done(run);
}

static void each_interval_is_a_turn(void **state)
{
    static const char *const lines[][2] = {
        {"vcpu_scheduler 0.2 --connect test:///default --dry-run", "STATUS=hold-"},
        {"memory_coordinator 0.2 --connect test:///default --dry-run", "STATUS=hold-"},
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct run run = command_start_after(lines[i][0], NULL, as_service);
        int n;

        wait_for("WATCHDOG_USEC=2000000"); /* ten intervals are not more */
        wait_for("READY=1");
        wait_for(lines[i][1]);
        n = count("WATCHDOG=1", 2000);
        if (n < 6 || n > 12)
            fail_msg("%d turns in 2 s of intervals of 0.2 s", n);
        kill(run.pid, SIGTERM);
        wait_for("STOPPING=1");
        end(&run, 0);
    }
}

static void the_watchdog_waits_for_ten_intervals(void **state)
{
    struct run run = command_start_after("vcpu_scheduler 60 --connect test:///default --dry-run",
                                         NULL, as_service);

    (void)state;
    wait_for("WATCHDOG_USEC=600000000");
    end(&run, 0);
}

/* A program that was stopped for a while has one late interval, and no burst of those that it missed. */
static void what_was_missed_is_not_made_up_for(void **state)
{
    struct run run = command_start_after("vcpu_scheduler 0.2 --connect test:///default --dry-run",
                                         NULL, as_service);
    int n;

    (void)state;
    wait_for("WATCHDOG=1");
    kill(run.pid, SIGSTOP);
    count("WATCHDOG=1", 300); /* what was on its way */
    assert_int_equal(count("WATCHDOG=1", 3000), 0);
    kill(run.pid, SIGCONT);
    n = count("WATCHDOG=1", 1000);
    if (n < 1 || n > 7)
        fail_msg("%d turns in the first second after 3 s of rest, in intervals of 0.2 s", n);
    end(&run, 0);
}

static char hang_file[128];

static void hang_as_service(void)
{
    as_service();
    command_preload();
    setenv("HANG_FILE", hang_file, 1);
}

/* A loop that is stuck is silent: no timer and no thread speaks for it. */
static void a_call_that_hangs_is_no_turn(void **state)
{
    struct run run;

    (void)state;
    snprintf(hang_file, sizeof(hang_file), "%s.hang", address);
    run = command_start_after("vcpu_scheduler 0.2 --connect test:///default --dry-run", NULL,
                              hang_as_service);
    wait_for("WATCHDOG=1");
    fclose(fopen(hang_file, "w"));
    count("WATCHDOG=1", 600); /* the interval that was under way */
    assert_int_equal(count("WATCHDOG=1", 2000), 0);
    unlink(hang_file);
    wait_for("WATCHDOG=1");
    end(&run, 0);
}

/* Where nobody listens it is an error at once, as the second run shows. */
static void a_service_waits_for_libvirt(void **state)
{
    static const char line[] =
        "vcpu_scheduler 0.2 --connect qemu+unix:///system?socket=/nowhere/sock";
    struct run run = command_start_after(line, NULL, as_service);

    (void)state;
    wait_for("READY=1");
    wait_for("STATUS=waiting: ");
    assert_true(count("WATCHDOG=1", 2000) >= 5);
    kill(run.pid, SIGTERM);
    command_finish(&run);
    assert_int_equal(run.status, 0);
    assert_has_text(run.err, "; waiting for it");
    assert_null(
        strstr(strstr(run.err, "; waiting for it") + 1, "; waiting for it")); /* said once */
    command_done(&run);
    run = command_run(line);
    assert_int_equal(run.status, 1);
    command_done(&run);
}

static char conf[128];

static void write_conf(const char *text)
{
    FILE *file = fopen(conf, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Also while it waits for libvirt. */
static void a_reload_is_told(void **state)
{
    char line[256];
    struct run run;

    (void)state;
    snprintf(conf, sizeof(conf), "%s.conf", address);
    snprintf(line, sizeof(line), "vcpu_scheduler --config %s", conf);
    write_conf("[vcpu]\ninterval = 0.2\nact = no\nconnect = qemu+unix:///system?socket=/nowhere\n");
    run = command_start_after(line, NULL, as_service);
    wait_for("STATUS=waiting: ");
    write_conf("[vcpu]\ninterval = 0.2\nact = no\nconnect = test:///default\nlevel = x\n");
    kill(run.pid, SIGHUP);
    wait_for("RELOADING=1");
    wait_for("READY=1");
    wait_for("STATUS=waiting: ");
    write_conf("[vcpu]\ninterval = 0.5\nact = no\nconnect = test:///default\n");
    kill(run.pid, SIGHUP);
    wait_for("RELOADING=1");
    wait_for("WATCHDOG_USEC=5000000");
    wait_for("READY=1");
    wait_for("STATUS=hold-");
    write_conf("[vcpu]\nact = maybe\n");
    kill(run.pid, SIGHUP);
    wait_for("RELOADING=1");
    wait_for("READY=1");
    wait_for("STATUS=hold-");
    unlink(conf);
    end(&run, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_interval_is_a_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_watchdog_waits_for_ten_intervals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_missed_is_not_made_up_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_that_hangs_is_no_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_service_waits_for_libvirt, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reload_is_told, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
