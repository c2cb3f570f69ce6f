/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "planner/memory/settings.h"
#include "tests/unit/memory_fixture.h"

static void the_defaults_are_sound(void **state)
{
    struct memory_settings settings;

    (void)state;
    memory_settings_default(&settings);
    assert_int_equal(memory_settings_check(&settings, NULL), 0);
    assert_int_equal(settings.guest_unused_kib, 100 * MIB);
    assert_int_equal(settings.guest_least_kib, 200 * MIB);
    assert_int_equal(settings.host_reserve_kib, 200 * MIB);
}

static void a_bad_number_is_named(void **state)
{
    struct memory_settings settings;
    struct err err = {0};

    (void)state;
    memory_settings_default(&settings);
    settings.interval_s = NAN;
    assert_int_equal(memory_settings_check(&settings, &err), -EINVAL);
    assert_non_null(strstr(err.text, "interval_s"));
    memory_settings_default(&settings);
    settings.release_pct_per_2s = 101;
    assert_int_equal(memory_settings_check(&settings, &err), -EINVAL);
    assert_non_null(strstr(err.text, "release_pct_per_2s"));
    memory_settings_default(&settings);
    settings.deadband_kib = settings.release_kib_per_2s + 1;
    assert_int_equal(memory_settings_check(&settings, &err), -EINVAL);
    assert_non_null(strstr(err.text, "deadband_kib"));
}

static void the_larger_of_both_reserves_holds(void **state)
{
    struct memory_sample sample = sample_make(1, 1000, NULL, 0);
    struct memory_settings settings;

    (void)state;
    memory_settings_default(&settings);
    assert_int_equal(memory_settings_reserve_kib(&settings, &sample), 200 * MIB);
    settings.host_reserve_pct = 5;
    assert_int_equal(memory_settings_reserve_kib(&settings, &sample), 16384 * MIB / 20);
}

static void the_release_limit_is_a_rate(void **state)
{
    struct memory_settings settings;

    (void)state;
    memory_settings_default(&settings);
    assert_int_equal(memory_settings_release_limit_kib(&settings, 2048 * MIB), 128 * MIB);
    assert_int_equal(memory_settings_release_limit_kib(&settings, 400 * MIB), 100 * MIB);
    settings.interval_s = 1;
    assert_int_equal(memory_settings_release_limit_kib(&settings, 2048 * MIB), 64 * MIB);
    /* Two steps of 1 s take what one of 2 s takes. */
    {
        uint64_t first = memory_settings_release_limit_kib(&settings, 400 * MIB);
        uint64_t second = memory_settings_release_limit_kib(&settings, 400 * MIB - first);

        assert_in_range(first + second, 100 * MIB - 2, 100 * MIB);
    }
    settings.interval_s = 10;
    assert_int_equal(memory_settings_release_limit_kib(&settings, 2048 * MIB), 128 * MIB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_sound),
        cmocka_unit_test(a_bad_number_is_named),
        cmocka_unit_test(the_larger_of_both_reserves_holds),
        cmocka_unit_test(the_release_limit_is_a_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
