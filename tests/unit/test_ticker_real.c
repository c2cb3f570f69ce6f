/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/clock.h"
#include "agent/base/ticker_real.h"

static const uint64_t MS = 1000000;

static struct ticker open_ticker(double interval_s, struct signals *signals)
{
    struct ticker ticker = {0};
    struct err err = {0};

    if (signals_open(signals, false, &err) < 0 ||
        ticker_real(interval_s, signals, &ticker, &err) < 0)
        fail_msg("%s", err.text);
    return ticker;
}

static bool is_stopping(void *arg)
{
    const struct ticker *ticker = arg;

    return ticker->is_stopping(ticker->self);
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

/* Late wake-ups may happen on a busy machine, early ones may not; and lateness does not add up. */
static void an_absolute_schedule(void **state)
{
    struct signals signals;
    struct ticker ticker = open_ticker(0.02, &signals);
    uint64_t began_ns = clock_monotonic_ns(), missed;

    (void)state;
    assert_int_equal(wait_next(&ticker), 1); /* the first interval begins at once */
    for (unsigned i = 1; i <= 10; i++) {
        assert_int_equal(wait_next(&ticker), 1);
        missed = ticker.overruns(ticker.self);
        assert_true(clock_monotonic_ns() - began_ns >= (i + missed) * 20 * MS - 5 * MS);
    }
    ticker.close(ticker.self);
    signals_close(&signals);
}

static void missed_intervals_are_counted_and_skipped(void **state)
{
    struct signals signals;
    struct ticker ticker = open_ticker(0.05, &signals);
    uint64_t before_ns;

    (void)state;
    assert_int_equal(wait_next(&ticker), 1);
    sleep_ms(225);
    before_ns = clock_monotonic_ns();
    assert_int_equal(wait_next(&ticker), 1); /* one for all of those that passed */
    assert_true(ticker.overruns(ticker.self) >= 3);
    assert_int_equal(wait_next(&ticker), 1);
    assert_true(clock_monotonic_ns() - before_ns >= 5 * MS); /* and not the next one at once */
    ticker.close(ticker.self);
    signals_close(&signals);
}

static void a_signal_stops_and_stays(void **state)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct signals signals;
        struct ticker ticker = open_ticker(3600, &signals);
        struct backstop backstop = {.is_stopping = is_stopping, .arg = &ticker};

        assert_int_equal(wait_next(&ticker), 1);
        assert_false(ticker.is_stopping(ticker.self));
        backstop_arm(&backstop);
        assert_false(backstop_has_passed(&backstop));
        kill(getpid(), numbers[i]);
        /* In the middle of a solve, as often as it is asked ... */
        for (int asked = 0; asked < 3; asked++) {
            assert_true(ticker.is_stopping(ticker.self));
            assert_true(backstop_has_passed(&backstop));
        }
        /* ... and at the next wait, which does not sleep for the hour. */
        assert_int_equal(wait_next(&ticker), 0);
        ticker.close(ticker.self);
        signals_close(&signals); /* takes the signal: afterwards it would kill the test */
    }
}

static void the_backstop_is_a_share_of_the_interval(void **state)
{
    struct signals signals;
    struct ticker ticker = open_ticker(3600, &signals);
    struct backstop backstop = {.is_stopping = is_stopping, .arg = &ticker, .share_ns = 200 * MS};

    (void)state;
    backstop_arm(&backstop);
    assert_false(backstop_has_passed(&backstop));
    sleep_ms(210);
    assert_true(backstop_has_passed(&backstop));
    backstop_arm(&backstop);
    assert_false(backstop_has_passed(&backstop));
    ticker.close(ticker.self);
    signals_close(&signals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_absolute_schedule),
        cmocka_unit_test(missed_intervals_are_counted_and_skipped),
        cmocka_unit_test(a_signal_stops_and_stays),
        cmocka_unit_test(the_backstop_is_a_share_of_the_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
