/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/base/ticker_paced.h"

/* A ticker that has so many ticks left, and counts how often it was waited for. */
struct counted {
    int left, n_waits, n_closed;
};

static int wait_counted(void *self, struct err *err)
{
    struct counted *counted = self;

    (void)err;
    counted->n_waits++;
    return counted->left-- > 0;
}

static uint64_t five(void *self)
{
    (void)self;
    return 5;
}

static uint64_t none(void *self)
{
    (void)self;
    return 0;
}

static void close_counted(void *self)
{
    ((struct counted *)self)->n_closed++;
}

static struct ticker ticker_of(struct counted *counted, uint64_t (*overruns)(void *self))
{
    return (struct ticker){
        .self = counted, .wait = wait_counted, .overruns = overruns, .close = close_counted};
}

static int wait_next(const struct ticker *ticker)
{
    struct err err = {0};

    return ticker->wait(ticker->self, &err);
}

static void each_virtual_tick_waits_for_a_real_one(void **state)
{
    struct counted real = {.left = 100}, virtual = {.left = 3};
    struct ticker ticker = ticker_of(&virtual, none);
    const struct ticker pace = ticker_of(&real, five);
    struct err err = {0};

    (void)state;
    assert_int_equal(ticker_paced(&pace, &ticker, &err), 0);
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(wait_next(&ticker), 1);
        assert_int_equal(real.n_waits, i);
        assert_int_equal(virtual.n_waits, i);
    }
    assert_int_equal(wait_next(&ticker), 0); /* the scenario has ended */
    assert_int_equal(ticker.overruns(ticker.self), 0);
    ticker.close(ticker.self);
    assert_int_equal(real.n_closed + virtual.n_closed, 2);
}

static void who_is_asked_to_stop_does_not_tick(void **state)
{
    struct counted real = {.left = 0}, virtual = {.left = 3};
    struct ticker ticker = ticker_of(&virtual, none);
    const struct ticker pace = ticker_of(&real, five);
    struct err err = {0};

    (void)state;
    assert_int_equal(ticker_paced(&pace, &ticker, &err), 0);
    assert_int_equal(wait_next(&ticker), 0);
    assert_int_equal(virtual.n_waits, 0);
    ticker.close(ticker.self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_virtual_tick_waits_for_a_real_one),
        cmocka_unit_test(who_is_asked_to_stop_does_not_tick),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
