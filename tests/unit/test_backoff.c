/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/base/backoff.h"
#include "planner/base/units.h"

static void waits_double_up_to_sixteen_times(void **state)
{
    static const double waits_s[] = {10, 20, 40, 80, 160, 160, 160};
    struct backoff backoff = {0};
    uint64_t now_ns = ns_from_seconds(5);

    (void)state;
    for (size_t i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
        backoff_fail(&backoff, now_ns, 10);
        assert_int_equal(backoff.until_ns, now_ns + ns_from_seconds(waits_s[i]));
        assert_true(backoff_is_waiting(&backoff, backoff.until_ns - 1));
        assert_false(backoff_is_waiting(&backoff, backoff.until_ns));
        now_ns = backoff.until_ns;
    }
}

static void what_went_well_for_long_is_forgiven(void **state)
{
    struct backoff backoff = {0};

    (void)state;
    backoff_fail(&backoff, 0, 10);
    backoff_fail(&backoff, backoff.until_ns, 10); /* until 30 s; the next wait would be 40 s */
    backoff_fail(&backoff, ns_from_seconds(70), 10);
    assert_int_equal(backoff.until_ns, ns_from_seconds(110));
    backoff_fail(&backoff, ns_from_seconds(191), 10); /* more than 80 s later */
    assert_int_equal(backoff.until_ns, ns_from_seconds(201));
}

static void who_never_failed_is_not_left_alone(void **state)
{
    (void)state;
    assert_false(backoff_is_waiting(&(struct backoff){0}, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_sixteen_times),
        cmocka_unit_test(what_went_well_for_long_is_forgiven),
        cmocka_unit_test(who_never_failed_is_not_left_alone),
    };

    return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
