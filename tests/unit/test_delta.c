/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/vcpu/delta.h"

static const uint64_t SECOND = 1000000000;

static struct vcpu_reading reading(uint64_t cpu_time_ns, uint64_t delay_ns)
{
    struct vcpu_reading r = {
        .running = true, .cpu_time_ns = cpu_time_ns, .delay_ns = delay_ns, .has_delay = true};

    return r;
}

static struct vcpu_usage between(struct vcpu_reading before, struct vcpu_reading now,
                                 uint64_t elapsed_ns)
{
    struct vcpu_counter counter = vcpu_counter(&before);

    return vcpu_delta(&counter, &now, elapsed_ns);
}

static void rates_are_over_the_time_that_really_passed(void **state)
{
    struct vcpu_usage usage =
        between(reading(5 * SECOND, SECOND), reading(6 * SECOND, 3 * SECOND), 4 * SECOND);

    (void)state;
    assert_true(usage.known && usage.has_delay);
    assert_float_equal(usage.usage, 0.25, 1e-9);
    assert_float_equal(usage.delay, 0.5, 1e-9);
}

static void the_first_sight_says_nothing(void **state)
{
    struct vcpu_reading now = reading(1000 * SECOND, 0);

    (void)state;
    assert_false(vcpu_delta(NULL, &now, SECOND).known);
}

static void a_counter_that_went_backwards_is_a_restart(void **state)
{
    (void)state;
    assert_false(between(reading(5 * SECOND, 0), reading(4 * SECOND, 0), SECOND).known);
}

static void a_delay_that_went_backwards_is_not_believed(void **state)
{
    struct vcpu_usage usage =
        between(reading(0, 5 * SECOND), reading(SECOND / 2, 4 * SECOND), SECOND);

    (void)state;
    assert_true(usage.known);
    assert_false(usage.has_delay);
}

static void what_did_not_run_all_the_time_has_no_usage(void **state)
{
    struct vcpu_reading paused = reading(SECOND, 0);
    struct vcpu_reading resumed = reading(2 * SECOND, 0);

    (void)state;
    paused.running = false;
    assert_false(between(paused, resumed, SECOND).known);
    assert_false(between(resumed, paused, SECOND).known);
}

static void delay_is_known_only_where_both_samples_tell(void **state)
{
    struct vcpu_reading before = reading(0, 0);
    struct vcpu_reading now = reading(SECOND, SECOND);

    (void)state;
    before.has_delay = false;
    assert_false(between(before, now, 2 * SECOND).has_delay);
}

static void delay_never_exceeds_the_time(void **state)
{
    (void)state;
    assert_float_equal(between(reading(0, 0), reading(0, 3 * SECOND), SECOND).delay, 1.0, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_over_the_time_that_really_passed),
        cmocka_unit_test(the_first_sight_says_nothing),
        cmocka_unit_test(a_counter_that_went_backwards_is_a_restart),
        cmocka_unit_test(a_delay_that_went_backwards_is_not_believed),
        cmocka_unit_test(what_did_not_run_all_the_time_has_no_usage),
        cmocka_unit_test(delay_is_known_only_where_both_samples_tell),
        cmocka_unit_test(delay_never_exceeds_the_time),
    };

    return cmocka_run_group_tests_name("delta", tests, NULL, NULL);
}
