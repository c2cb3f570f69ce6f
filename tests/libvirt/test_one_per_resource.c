/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One program for each host and resource, whatever guests it governs. */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/libvirt/command_fixture.h"

static const char first[] = "memory_coordinator 3600 --connect test:///default --match a*";
static char uuid[64]; /* of a host of this test's own */

static void on_the_host(void)
{
    setenv("HOST_UUID", uuid, 1);
    setenv("XDG_RUNTIME_DIR", "/tmp", 0);
    unsetenv("INVOCATION_ID");
    unsetenv("NOTIFY_SOCKET");
    command_preload();
}

static void on_the_host_by_systemd(void)
{
    on_the_host();
    setenv("INVOCATION_ID", "0123456789abcdef0123456789abcdef", 1);
}

static void on_another_host(void)
{
    on_the_host();
    setenv("HOST_UUID", "00000000-0000-0000-0000-00000000000b", 1);
}

/* A service's folder is another one than that of who starts the program by hand. */
static void as_service(void)
{
    on_the_host();
    mkdir("/run/evenkeel", 0755);
    setenv("RUNTIME_DIRECTORY", "/run/evenkeel/memory", 1);
}

/* As the units have it. */
static void as_service_with_a_umask(void)
{
    as_service();
    umask(0077);
}

/* As a careful root has it. */
static void by_hand_with_a_umask(void)
{
    on_the_host();
    umask(0077);
}

static char users_folder[64];
static const uid_t somebody = 65534;

static void become_somebody(void)
{
    if (setuid(somebody) < 0)
        _exit(97);
}

/* Who may change guests as a member of libvirt's group. */
static void as_another_user(void)
{
    on_the_host();
    setenv("XDG_RUNTIME_DIR", users_folder, 1);
    setenv("XDG_STATE_HOME", users_folder, 1);
    become_somebody();
}

static void as_another_users_service(void)
{
    on_the_host();
    setenv("RUNTIME_DIRECTORY", users_folder, 1);
    setenv("STATE_DIRECTORY", users_folder, 1);
    become_somebody();
}

static int set_up(void **state)
{
    snprintf(uuid, sizeof(uuid), "00000000-0000-0000-0000-%012ld", (long)getpid());
    return command_set_up(state);
}

static int tear_down(void **state)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    char pattern[256];
    glob_t found;

    if (glob("/run/evenkeel/memory/*-00000000-0000-0000-0000-*.lock", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            unlink(found.gl_pathv[i]);
        globfree(&found);
        rmdir("/run/evenkeel/memory");
    }
    snprintf(pattern, sizeof(pattern), "%s/evenkeel/*-00000000-0000-0000-0000-*.lock",
             geteuid() == 0 ? "/run"
             : runtime      ? runtime
                            : "/tmp");
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            unlink(found.gl_pathv[i]);
        globfree(&found);
    }
    return command_tear_down(state);
}

static void await_first(void)
{
    const struct timespec moment = {.tv_nsec = 50000000};

    for (int i = 0; i < 200; i++) {
        char *text = command_file("out");
        bool is_there = strstr(text, "interval=1 ") != NULL;

        free(text);
        if (is_there)
            return;
        nanosleep(&moment, NULL);
    }
    fail_msg("the first program has not begun");
}

static struct run run_beside(const char *line, void (*before)(void))
{
    char out[64];
    struct run run;

    command_path("recording", out, sizeof(out));
    run = command_start_after(line, out, before);
    command_finish(&run);
    return run;
}

static void the_second_one_names_the_first_and_ends(void **state)
{
    static const struct {
        const char *line;
        void (*before)(void);
        int status;
    } rows[] = {
        {"memory_coordinator 1 --connect test:///default --match b* --once", on_the_host, 2},
        {"memory_coordinator 1 --connect test:///default --once", on_the_host_by_systemd, 1},
        {"memory_coordinator 1 --connect test:///default --once --dry-run", on_the_host, 0},
        {"memory_coordinator 1 --simulate memory-1 --once", on_the_host, 0},
        {"vcpu_scheduler 0.1 --connect test:///default --once", on_the_host, 0},
        {"memory_coordinator 1 --connect test:///default --once", on_another_host, 0},
    };
    struct run run = command_start_after(first, NULL, on_the_host);
    char pid[32];

    (void)state;
    await_first();
    snprintf(pid, sizeof(pid), "process %ld ", (long)run.pid);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run second = run_beside(rows[i].line, rows[i].before);

        if (second.status != rows[i].status)
            fail_msg("%s: exit status %d\n%s", rows[i].line, second.status, second.err);
        if (second.status)
            assert_has_text(second.err, pid);
        command_done(&second);
    }
    kill(run.pid, SIGKILL); /* the lock goes with its process, however that ends */
    command_finish(&run);
    command_done(&run);
    run = run_beside(rows[0].line, on_the_host);
    assert_int_equal(run.status, 0);
    command_done(&run);
}

/* The lock's file stays, and who is the same user may read it. */
static void who_holds_the_lock_of_one_that_has_ended_is_looked_for(void **state)
{
    static const char line[] = "memory_coordinator 1 --connect test:///default --once";
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    char path[256];
    struct run run = run_beside(line, on_the_host);
    int fd;

    (void)state;
    assert_int_equal(run.status, 0);
    command_done(&run);
    snprintf(path, sizeof(path), "%s/evenkeel/memory-%s.lock",
             geteuid() == 0 ? "/run"
             : runtime      ? runtime
                            : "/tmp",
             uuid);
    fd = open(path, O_RDONLY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    run = run_beside(line, on_the_host);
    assert_int_equal(run.status, 2);
    assert_has_text(run.err, "has ended");
    assert_has_text(run.err, path);
    command_done(&run);
    close(fd);
}

static void by_hand_and_as_a_service_are_two(void **state)
{
    static const char second_line[] = "memory_coordinator 1 --connect test:///default --once";
    void (*const orders[][2])(void) = {{as_service, on_the_host}, {on_the_host, as_service}};

    (void)state;
    if (geteuid() != 0)
        skip(); /* /run is root's */
    for (size_t i = 0; i < 2; i++) {
        struct run run = command_start_after(first, NULL, orders[i][0]);
        struct run second;
        char pid[32];

        await_first();
        snprintf(pid, sizeof(pid), "process %ld ", (long)run.pid);
        second = run_beside(second_line, orders[i][1]);
        assert_int_equal(second.status, 2);
        assert_has_text(second.err, pid);
        command_done(&second);
        kill(run.pid, SIGTERM);
        command_finish(&run);
        command_done(&run);
        second = run_beside(second_line, orders[i][1]);
        assert_int_equal(second.status, 0);
        command_done(&second);
    }
}

/* Somebody who holds the lock of a file, if he may open it. His number, to be ended. */
static pid_t hold_as_somebody(const char *path)
{
    int ready[2];
    pid_t holder;
    char byte;

    assert_int_equal(pipe(ready), 0);
    holder = fork();
    if (holder == 0) {
        int fd;

        alarm(60); /* whatever becomes of the test */
        become_somebody();
        fd = open(path, O_RDONLY);
        if (fd >= 0)
            flock(fd, LOCK_EX | LOCK_NB);
        if (write(ready[1], "", 1) == 1)
            pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return holder;
}

/* As earlier releases left it, or as it is left now. */
static void a_lock_that_a_stranger_may_hold_stops_nobody(void **state)
{
    static const char line[] = "memory_coordinator 1 --connect test:///default --once";
    void (*const starts[])(void) = {as_service, on_the_host};
    char path[256];

    (void)state;
    if (geteuid() != 0)
        skip();
    snprintf(path, sizeof(path), "/run/evenkeel/memory-%s.lock", uuid);
    for (size_t i = 0; i < 4; i++) {
        struct run run = run_beside(line, on_the_host);
        struct stat status;
        pid_t holder;

        assert_int_equal(run.status, 0);
        command_done(&run);
        if (i < 2)
            assert_int_equal(chmod(path, 0644), 0);
        holder = hold_as_somebody(path);
        run = run_beside(line, starts[i % 2]);
        if (run.status != 0)
            fail_msg("row %zu: exit status %d\n%s", i, run.status, run.err);
        command_done(&run);
        kill(holder, SIGKILL);
        waitpid(holder, NULL, 0);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, i == 0 ? 0644 : 0600);
    }
}

static void clear(const char *folder)
{
    char pattern[128];
    glob_t found;

    snprintf(pattern, sizeof(pattern), "%s/*", folder);
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            remove(found.gl_pathv[i]);
        globfree(&found);
    }
    rmdir(folder);
}

static void whatever_the_umask_other_users_heed_it(void **state)
{
    static const struct {
        void (*first)(void), (*second)(void);
        const char *said;
    } rows[] = {
        {as_service_with_a_umask, as_another_user, "be root"},
        {by_hand_with_a_umask, as_another_users_service, "governs this host's memory already"}};

    (void)state;
    if (geteuid() != 0)
        skip();
    for (size_t i = 0; i < 2; i++) {
        struct run run = command_start_after(first, NULL, rows[i].first), second;
        char inside[80];

        strcpy(users_folder, "/tmp/one-per-resource-XXXXXX");
        assert_non_null(mkdtemp(users_folder));
        assert_int_equal(chown(users_folder, somebody, somebody), 0);
        await_first();
        second =
            run_beside("memory_coordinator 1 --connect test:///default --once", rows[i].second);
        if (second.status == 0)
            fail_msg("row %zu: a second one runs", i);
        assert_has_text(second.err, rows[i].said);
        command_done(&second);
        kill(run.pid, SIGTERM);
        command_finish(&run);
        command_done(&run);
        snprintf(inside, sizeof(inside), "%s/evenkeel", users_folder);
        clear(inside);
        clear(users_folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_second_one_names_the_first_and_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(whatever_the_umask_other_users_heed_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_holds_the_lock_of_one_that_has_ended_is_looked_for,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(by_hand_and_as_a_service_are_two, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lock_that_a_stranger_may_hold_stops_nobody, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
