/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/vcpu/planner.h"

static void the_defaults_are_accepted(void **state)
{
    struct vcpu_settings settings;

    (void)state;
    vcpu_settings_default(&settings);
    assert_int_equal(vcpu_settings_check(&settings, NULL), 0);
    assert_true(settings.use_delay);
    assert_true(settings.learn_habits);
}

static void a_bad_number_is_named(void **state)
{
    static const double bad[] = {-1.0, NAN, INFINITY, 1e9};
    struct vcpu_settings settings = {0};
    double *const fields[] = {
        &settings.penalty_points,   &settings.deadband_points,  &settings.idle_pct,
        &settings.rise_half_life_s, &settings.fall_half_life_s, &settings.settle_s,
        &settings.confirm_s,        &settings.noise_factor,
    };
    static const char *const names[] = {"penalty_points",   "deadband_points",  "idle_pct",
                                        "rise_half_life_s", "fall_half_life_s", "settle_s",
                                        "confirm_s",        "noise_factor"};

    (void)state;
    for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++)
        for (size_t b = 0; b < sizeof(bad) / sizeof(bad[0]); b++) {
            struct err err = {0};

            vcpu_settings_default(&settings);
            *fields[f] = bad[b];
            assert_int_equal(vcpu_settings_check(&settings, &err), -EINVAL);
            assert_non_null(strstr(err.text, names[f]));
        }
}

static void a_bad_objective_is_named(void **state)
{
    struct vcpu_settings settings;
    struct err err = {0};

    (void)state;
    vcpu_settings_default(&settings);
    settings.objective = (enum placement_objective)7;
    assert_int_equal(vcpu_settings_check(&settings, &err), -EINVAL);
    assert_non_null(strstr(err.text, "objective"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_accepted),
        cmocka_unit_test(a_bad_number_is_named),
        cmocka_unit_test(a_bad_objective_is_named),
    };

    return cmocka_run_group_tests_name("vcpu_settings", tests, NULL, NULL);
}
