/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/memory/response.h"
#include "tests/unit/memory_fixture.h"

static struct memory_settings settings;
static struct memory_response response;
static int64_t last_kib;

static int set_up(void **state)
{
    (void)state;
    memory_settings_default(&settings);
    memset(&response, 0, sizeof(response));
    last_kib = 1000 * 1024;
    return 0;
}

static void see(double at_s, int64_t actual_mib)
{
    struct memory_response next;

    memory_response_next(&settings, (uint64_t)(at_s * 1e9), actual_mib * 1024, last_kib, true,
                         &response, &next);
    response = next;
    last_kib = actual_mib * 1024;
}

static void ask(double at_s, int64_t to_mib)
{
    memory_response_ask(&response, (uint64_t)(at_s * 1e9), last_kib, to_mib * 1024);
}

static void a_request_ends_when_it_is_fulfilled(void **state)
{
    (void)state;
    ask(2, 900);
    assert_int_equal(response.asked_kib, 900 * 1024);
    see(4, 900);
    assert_int_equal(response.asked_kib, 0);
    assert_int_equal(response.down.until_ns, 0);
}

/* Nothing for three intervals: asked once more on the way, then taken back and left alone. */
static void a_balloon_that_does_not_move_is_stuck(void **state)
{
    (void)state;
    ask(2, 900);
    see(4, 1000);
    assert_false(response.repeat || response.withdraw);
    see(6, 1000);
    assert_true(response.repeat);
    see(8, 1000);
    assert_true(response.withdraw);
    assert_int_equal(response.down.at_kib, 1000 * 1024);
    assert_int_equal(response.down.until_ns, 68 * SECOND);
    assert_int_equal(response.up.until_ns, 0);
    ask(8, 1000);
    see(66, 1000);
    assert_int_not_equal(response.down.until_ns, 0);
    see(68, 1000);
    assert_int_equal(response.down.until_ns, 0);
}

static void each_refusal_waits_twice_as_long(void **state)
{
    double at_s = 2;

    (void)state;
    for (unsigned doublings = 0; doublings < 7; doublings++) {
        double wait_s = settings.retry_s * (double)(1u << (doublings < 4 ? doublings : 4));

        ask(at_s, 900);
        for (int i = 0; i < 3; i++)
            see(at_s += 2, 1000);
        assert_int_equal(response.down.until_ns, (uint64_t)((at_s + wait_s) * 1e9));
        ask(at_s, 1000);
        see(at_s += wait_s, 1000);
    }
    ask(at_s, 900);
    see(at_s + 2, 900);
    assert_int_equal(response.down.times, 0);
}

static void slow_but_steady_is_not_stuck(void **state)
{
    (void)state;
    ask(2, 900);
    for (int i = 1; i <= 30; i++) {
        see(2 + 2 * i, 1000 - 2 * i);
        assert_false(response.withdraw || response.repeat);
    }
    assert_int_equal(response.asked_kib, 900 * 1024);
}

static void a_pause_is_not_disobedience(void **state)
{
    struct memory_response next;

    (void)state;
    ask(2, 900);
    for (int at = 4; at < 40; at += 2) {
        memory_response_next(&settings, (uint64_t)at * SECOND, last_kib, last_kib, false, &response,
                             &next);
        response = next;
        assert_false(response.withdraw);
    }
}

static void a_size_set_from_outside_ends_the_request(void **state)
{
    (void)state;
    ask(2, 900);
    see(4, 512);
    assert_true(response.disturbed);
    assert_int_equal(response.asked_kib, 0);
    see(6, 512);
    assert_false(response.disturbed);
    see(8, 700);
    assert_true(response.disturbed);
}

static void a_guest_that_comes_back_up_twice_is_left_alone(void **state)
{
    (void)state;
    ask(2, 900);
    see(4, 900);
    see(6, 1000);
    assert_int_equal(response.down.until_ns, 0);
    ask(6, 900);
    see(8, 900);
    see(10, 1000);
    assert_int_equal(response.down.at_kib, 1000 * 1024);
    assert_int_not_equal(response.down.until_ns, 0);
}

static void a_call_that_failed_was_never_made(void **state)
{
    (void)state;
    ask(2, 950);
    see(4, 980);
    ask(4, 900);
    memory_response_retract(&response, 4 * SECOND);
    assert_int_equal(response.asked_kib, 950 * 1024);
    memory_response_retract(&response, 6 * SECOND);
    assert_int_equal(response.asked_kib, 950 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_request_ends_when_it_is_fulfilled, set_up),
        cmocka_unit_test_setup(a_balloon_that_does_not_move_is_stuck, set_up),
        cmocka_unit_test_setup(each_refusal_waits_twice_as_long, set_up),
        cmocka_unit_test_setup(slow_but_steady_is_not_stuck, set_up),
        cmocka_unit_test_setup(a_pause_is_not_disobedience, set_up),
        cmocka_unit_test_setup(a_size_set_from_outside_ends_the_request, set_up),
        cmocka_unit_test_setup(a_guest_that_comes_back_up_twice_is_left_alone, set_up),
        cmocka_unit_test_setup(a_call_that_failed_was_never_made, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
