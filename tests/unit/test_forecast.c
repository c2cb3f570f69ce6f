/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/vcpu/forecast.h"

static const struct forecast_settings settings = {.rise_half_life_s = 1.0, .fall_half_life_s = 4.0};

static void one_half_life_takes_half_the_way(void **state)
{
    static const struct {
        double previous, observed, elapsed_s, expected;
    } rows[] = {
        {0.2, 0.8, 1.0, 0.5},  {0.2, 0.8, 2.0, 0.65}, {0.8, 0.2, 4.0, 0.5},
        {0.8, 0.2, 8.0, 0.35}, {0.5, 0.5, 3.0, 0.5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_float_equal(
            forecast_next(&settings, rows[i].previous, rows[i].observed, rows[i].elapsed_s),
            rows[i].expected, 1e-6);
}

static void two_short_intervals_are_one_long_one(void **state)
{
    double twice = forecast_next(&settings, 0.9, 0.1, 1.5);

    (void)state;
    twice = forecast_next(&settings, twice, 0.1, 1.5);
    assert_float_equal(twice, forecast_next(&settings, 0.9, 0.1, 3.0), 1e-6);
}

static void no_half_life_believes_at_once(void **state)
{
    const struct forecast_settings at_once = {0, 4};

    (void)state;
    assert_float_equal(forecast_next(&at_once, 0.1, 0.9, 0.001), 0.9, 1e-6);
    assert_true(forecast_next(&at_once, 0.9, 0.1, 0.001) > 0.89);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_half_life_takes_half_the_way),
        cmocka_unit_test(two_short_intervals_are_one_long_one),
        cmocka_unit_test(no_half_life_believes_at_once),
    };

    return cmocka_run_group_tests_name("forecast", tests, NULL, NULL);
}
