/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/clock.h"
#include "agent/base/main_loop.h"

static const uint64_t MS = 1000000;

static struct ticker open_ticker(double interval_s, bool can_reload, struct main_loop *loop)
{
    struct ticker ticker = {0};
    struct err err = {0};

    if (main_loop_open(loop, can_reload, &err) < 0 ||
        main_loop_ticker(loop, interval_s, &ticker, &err) < 0)
        fail_msg("%s", err.text);
    return ticker;
}

static void close_all(struct main_loop *loop, struct ticker *ticker)
{
    ticker->close(ticker->self);
    main_loop_close(loop); /* takes signals: afterwards they would kill the test */
}

static bool is_stopping(void *arg)
{
    return main_loop_is_stopping(arg);
}

static int wait_next(const struct ticker *ticker)
{
    struct err err = {0};

    return ticker->wait(ticker->self, &err);
}

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

/* Late wake-ups may happen on a busy machine, early ones may not; and neither lateness nor work adds up. */
static void an_absolute_schedule(void **state)
{
    struct main_loop loop;
    uint64_t began_ns = clock_monotonic_ns(), missed = 0;
    struct ticker ticker = open_ticker(0.02, false, &loop);

    (void)state;
    assert_int_equal(wait_next(&ticker), 1); /* the first interval begins at once */
    for (unsigned i = 1; i <= 15; i++) {
        if (i > 5)
            sleep_ms(34);
        assert_int_equal(wait_next(&ticker), 1);
        missed = ticker.overruns(ticker.self);
        assert_true(clock_monotonic_ns() - began_ns >= (i + missed) * 20 * MS);
        assert_true(i > 5 || missed < 30); /* timers are not gathered at quarters of a second */
    }
    assert_true(clock_monotonic_ns() - began_ns < (16 + missed) * 20 * MS + 60 * MS);
    close_all(&loop, &ticker);
}

static void missed_intervals_are_counted_and_skipped(void **state)
{
    struct main_loop loop;
    struct ticker ticker = open_ticker(0.05, false, &loop);
    uint64_t before_ns;

    (void)state;
    assert_int_equal(wait_next(&ticker), 1);
    sleep_ms(225);
    before_ns = clock_monotonic_ns();
    assert_int_equal(wait_next(&ticker), 1); /* one for all of those that passed */
    assert_true(ticker.overruns(ticker.self) >= 3);
    assert_int_equal(wait_next(&ticker), 1);
    assert_true(clock_monotonic_ns() - before_ns >= 5 * MS); /* and not the next one at once */
    close_all(&loop, &ticker);
}

static void a_signal_stops_and_stays(void **state)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct main_loop loop;
        struct ticker ticker = open_ticker(3600, false, &loop);
        struct backstop backstop = {.is_stopping = is_stopping, .arg = &loop};

        assert_int_equal(wait_next(&ticker), 1);
        assert_false(main_loop_is_stopping(&loop));
        backstop_arm(&backstop);
        assert_false(backstop_has_passed(&backstop));
        kill(getpid(), numbers[i]);
        /* In the middle of a solve, as often as it is asked ... */
        for (int asked = 0; asked < 3; asked++) {
            assert_true(main_loop_is_stopping(&loop));
            assert_true(backstop_has_passed(&backstop));
        }
        kill(getpid(), numbers[i]); /* a second one changes nothing */
        /* ... and at the next wait, which does not sleep for the hour. */
        assert_int_equal(wait_next(&ticker), 0);
        close_all(&loop, &ticker);
    }
}

static void the_backstop_is_a_share_of_the_interval(void **state)
{
    struct main_loop loop;
    struct ticker ticker = open_ticker(3600, false, &loop);
    struct backstop backstop = {.is_stopping = is_stopping, .arg = &loop, .share_ns = 200 * MS};

    (void)state;
    backstop_arm(&backstop);
    assert_false(backstop_has_passed(&backstop));
    sleep_ms(210);
    assert_true(backstop_has_passed(&backstop));
    backstop_arm(&backstop);
    assert_false(backstop_has_passed(&backstop));
    close_all(&loop, &ticker);
}

/* As a debugger or a frozen group does it, in the middle of the sleep. */
static int be_stopped(int asleep_fd)
{
    struct main_loop loop;
    uint64_t began_ns = clock_monotonic_ns(), missed;
    struct ticker ticker = open_ticker(0.05, false, &loop);

    if (wait_next(&ticker) != 1 || write(asleep_fd, "", 1) != 1 || wait_next(&ticker) != 1)
        return 1;
    missed = ticker.overruns(ticker.self);
    if (missed < 2 || main_loop_is_stopping(&loop) || wait_next(&ticker) != 1)
        return 2;
    missed = ticker.overruns(ticker.self);
    return clock_monotonic_ns() - began_ns >= (2 + missed) * 50 * MS ? 0 : 3;
}

static void who_is_stopped_has_one_late_interval(void **state)
{
    int fds[2], status = -1;
    char byte;
    pid_t pid;

    (void)state;
    assert_int_equal(pipe(fds), 0);
    pid = fork();
    if (pid == 0)
        _exit(be_stopped(fds[1]));
    assert_true(pid > 0);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    sleep_ms(10);
    kill(pid, SIGSTOP);
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
    assert_true(WIFSTOPPED(status));
    sleep_ms(175);
    kill(pid, SIGCONT);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(fds[0]);
    close(fds[1]);
}

/* Of the kernel: the number of the clock of a descriptor that is a timer; -1: it is none. */
static int clock_of(const char *fd)
{
    char path[300], line[100];
    int clock = -1;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%s", fd);
    file = fopen(path, "r");
    while (file && fgets(line, sizeof(line), file))
        sscanf(line, "clockid: %d", &clock);
    if (file)
        fclose(file);
    return clock;
}

/* CLOCK_REALTIME would be stepped, CLOCK_BOOTTIME and the alarms go on while the host sleeps. */
static void neither_a_step_nor_a_sleep_moves_intervals(void **state)
{
    struct main_loop loop;
    struct ticker ticker = open_ticker(0.01, false, &loop);
    DIR *folder = opendir("/proc/self/fdinfo");
    const struct dirent *entry;
    int n_timers = 0;

    (void)state;
    assert_non_null(folder);
    assert_int_equal(wait_next(&ticker), 1);
    assert_int_equal(wait_next(&ticker), 1);
    while ((entry = readdir(folder))) {
        int clock = clock_of(entry->d_name);

        assert_true(clock == -1 || clock == CLOCK_MONOTONIC);
        n_timers += clock != -1;
    }
    assert_int_equal(n_timers, 1);
    closedir(folder);
    close_all(&loop, &ticker);
}

static void who_asks_within_an_interval_takes_nothing_from_the_next(void **state)
{
    struct main_loop loop;
    struct ticker ticker = open_ticker(0.02, false, &loop);

    (void)state;
    assert_int_equal(wait_next(&ticker), 1);
    for (uint64_t end_ns = clock_monotonic_ns() + 30 * MS; clock_monotonic_ns() < end_ns;)
        assert_false(main_loop_is_stopping(&loop));
    assert_int_equal(wait_next(&ticker), 1);
    assert_int_equal(wait_next(&ticker), 1);
    close_all(&loop, &ticker);
}

static void *wake(void *arg)
{
    const uint64_t one = 1;
    const struct main_loop *loop = arg;
    sigset_t blocked;

    sleep_ms(20);
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    if (!sigismember(&blocked, SIGINT) || !sigismember(&blocked, SIGTERM) ||
        !sigismember(&blocked, SIGHUP))
        return arg;
    return write(loop->wake_fd, &one, sizeof(one)) < 0 ? arg : NULL;
}

/* Signals of the process would otherwise end it in whichever thread takes them. */
static void a_thread_wakes_the_loop_and_takes_no_signal(void **state)
{
    struct main_loop loop;
    struct ticker ticker = open_ticker(3600, true, &loop);
    pthread_t thread;
    void *result;

    (void)state;
    assert_int_equal(wait_next(&ticker), 1);
    assert_int_equal(pthread_create(&thread, NULL, wake, &loop), 0);
    assert_int_equal(wait_next(&ticker), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_null(result);
    assert_false(main_loop_take_reload(&loop));
    assert_true(main_loop_take_wake(&loop));
    assert_false(main_loop_take_wake(&loop));
    assert_false(main_loop_is_stopping(&loop));
    close_all(&loop, &ticker);
}

static void an_interval_that_is_due_is_not_lost_to_a_reload(void **state)
{
    struct main_loop loop;
    struct ticker ticker = open_ticker(3600, true, &loop);

    (void)state;
    kill(getpid(), SIGHUP); /* while the first is due */
    assert_int_equal(wait_next(&ticker), 0);
    assert_false(main_loop_is_stopping(&loop));
    assert_true(main_loop_take_reload(&loop));
    assert_false(main_loop_take_reload(&loop));
    assert_int_equal(wait_next(&ticker), 1);
    assert_int_equal(ticker.overruns(ticker.self), 0);
    close_all(&loop, &ticker);
}

static void an_ignored_signal_stays_ignored(void **state)
{
    struct main_loop loop;
    struct ticker ticker;

    (void)state;
    signal(SIGHUP, SIG_IGN);
    ticker = open_ticker(3600, true, &loop);
    kill(getpid(), SIGHUP);
    assert_int_equal(wait_next(&ticker), 1);
    assert_false(main_loop_take_reload(&loop));
    close_all(&loop, &ticker);
    signal(SIGHUP, SIG_DFL);
}

/* A child that is begun afterwards can be ended as any other. */
static void signals_are_as_before_afterwards(void **state)
{
    struct main_loop loop;
    struct ticker ticker;
    sigset_t blocked;

    (void)state;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    ticker = open_ticker(3600, true, &loop);
    close_all(&loop, &ticker);
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    assert_true(sigismember(&blocked, SIGINT));
    assert_false(sigismember(&blocked, SIGTERM) || sigismember(&blocked, SIGHUP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_absolute_schedule),
        cmocka_unit_test(missed_intervals_are_counted_and_skipped),
        cmocka_unit_test(a_signal_stops_and_stays),
        cmocka_unit_test(the_backstop_is_a_share_of_the_interval),
        cmocka_unit_test(who_is_stopped_has_one_late_interval),
        cmocka_unit_test(neither_a_step_nor_a_sleep_moves_intervals),
        cmocka_unit_test(who_asks_within_an_interval_takes_nothing_from_the_next),
        cmocka_unit_test(a_thread_wakes_the_loop_and_takes_no_signal),
        cmocka_unit_test(an_interval_that_is_due_is_not_lost_to_a_reload),
        cmocka_unit_test(an_ignored_signal_stays_ignored),
        cmocka_unit_test(signals_are_as_before_afterwards),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
