/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/memory/yield.h"
#include "tests/unit/memory_fixture.h"

static struct memory_settings settings;
static struct memory_yield yield;
static double now_s;

static int set_up(void **state)
{
    (void)state;
    memory_settings_default(&settings);
    yield = (struct memory_yield){0};
    now_s = 100;
    return 0;
}

/* One interval; true where the guest is left alone after it. */
static bool see(int64_t actual_mib, int64_t rss_mib, int64_t host_mib)
{
    struct memory_yield_now now = {.actual_kib = actual_mib * (int64_t)MIB,
                                   .rss_kib = rss_mib < 0 ? -1 : rss_mib * (int64_t)MIB,
                                   .overhead_kib = 64 * (int64_t)MIB,
                                   .host_kib = host_mib * (int64_t)MIB};
    struct memory_yield next;

    now.at_ns = (uint64_t)((now_s += 2) * 1e9);
    memory_yield_next(&settings, &now, &yield, &next);
    yield = next;
    return memory_yield_is_keeping(&yield, now.at_ns);
}

static void what_comes_back_is_no_trouble(void **state)
{
    (void)state;
    for (int64_t actual = 2048; actual > 400; actual -= 120)
        assert_false(see(actual, actual + 64, 8000));
    for (int i = 0; i < 10; i++)
        assert_false(see(400, 464, 8000));
}

static void what_does_not_come_back_for_a_while_is_kept(void **state)
{
    (void)state;
    see(2048, 2112, 8000);
    assert_false(see(1920, 2112, 8000));
    assert_false(see(1800, 2112, 8000));
    assert_false(see(1700, 2112, 8000));
    assert_true(see(1600, 2112, 8000)); /* 6 s after it was first seen */
    assert_int_equal(yield.wanted_kib, 2048 * MIB);
}

static void long_intervals_are_given_three(void **state)
{
    (void)state;
    settings.interval_s = 5;
    see(2048, 2112, 8000);
    for (int i = 0; i < 7; i++)
        assert_false(see(1900 - 20 * i, 2112, 8000));
    see(1700, 2112, 8000);
    assert_true(see(1700, 2112, 8000)); /* 16 s after it was first seen */
}

/* The process does not show it, the host does: nothing is wrong but a number. */
static void what_the_host_got_is_not_kept(void **state)
{
    (void)state;
    see(2048, 2112, 8000);
    for (int64_t taken = 128; taken <= 1024; taken += 128)
        assert_false(see(2048 - taken, 2112, 8000 + taken));
}

static void memory_that_was_never_touched_cannot_come_back(void **state)
{
    (void)state;
    see(2048, 400, 8000);
    for (int64_t actual = 1920; actual >= 500; actual -= 120)
        assert_false(see(actual, 400, 8000));
}

static void a_process_that_needs_more_is_no_guest_that_keeps(void **state)
{
    (void)state;
    see(2048, 2112, 8000);
    for (int i = 0; i < 10; i++)
        assert_false(see(2048, 2400, 8000)); /* nothing was taken */
    see(1448, 1512, 8000);
    for (int i = 0; i < 10; i++)
        assert_false(see(1448, 1512 + 100, 8000)); /* a sixth of what was taken */
}

static void a_host_that_does_not_tell_proves_nothing(void **state)
{
    (void)state;
    for (int64_t actual = 2048; actual > 400; actual -= 120)
        assert_false(see(actual, -1, 8000));
}

static void it_is_tried_again_after_twice_as_long_each_time(void **state)
{
    double first_s, second_s;

    (void)state;
    see(2048, 2112, 8000);
    while (!see(1600, 2112, 8000))
        ;
    for (first_s = now_s; see(2048, 2112, 8000);)
        ;
    first_s = now_s - first_s;
    while (!see(1600, 2112, 8000))
        ;
    for (second_s = now_s; see(2048, 2112, 8000);)
        ;
    second_s = now_s - second_s;
    assert_true(first_s == 60);
    assert_true(second_s == 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_comes_back_is_no_trouble, set_up),
        cmocka_unit_test_setup(what_does_not_come_back_for_a_while_is_kept, set_up),
        cmocka_unit_test_setup(long_intervals_are_given_three, set_up),
        cmocka_unit_test_setup(what_the_host_got_is_not_kept, set_up),
        cmocka_unit_test_setup(memory_that_was_never_touched_cannot_come_back, set_up),
        cmocka_unit_test_setup(a_process_that_needs_more_is_no_guest_that_keeps, set_up),
        cmocka_unit_test_setup(a_host_that_does_not_tell_proves_nothing, set_up),
        cmocka_unit_test_setup(it_is_tried_again_after_twice_as_long_each_time, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
