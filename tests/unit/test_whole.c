/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/base/whole.h"

static void quotients_are_rounded_down(void **state)
{
    (void)state;
    for (int64_t b = 1; b <= 7; b++)
        for (int64_t a = -30; a <= 30; a++) {
            int64_t quotient = floor_div(a, b);

            assert_true(quotient * b <= a && a < (quotient + 1) * b);
        }
}

static void a_clamped_value_lies_within(void **state)
{
    (void)state;
    assert_int_equal(clamp64(5, 1, 3), 3);
    assert_int_equal(clamp64(-5, 1, 3), 1);
    assert_int_equal(clamp64(2, 1, 3), 2);
    assert_int_equal(abs64(-4), 4);
    assert_int_equal(abs64(4), 4);
}

static void large_numbers_are_sorted_both_ways(void **state)
{
    int small[] = {3, INT32_MIN, INT32_MAX, 0};
    int64_t large[] = {3, INT64_MIN, INT64_MAX, 0};

    (void)state;
    qsort(small, 4, sizeof(*small), whole_ascending);
    qsort(large, 4, sizeof(*large), whole_ascending64);
    for (int k = 0; k < 3; k++)
        assert_true(small[k] < small[k + 1] && large[k] < large[k + 1]);
    qsort(small, 4, sizeof(*small), whole_descending);
    qsort(large, 4, sizeof(*large), whole_descending64);
    for (int k = 0; k < 3; k++)
        assert_true(small[k] > small[k + 1] && large[k] > large[k + 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotients_are_rounded_down),
        cmocka_unit_test(a_clamped_value_lies_within),
        cmocka_unit_test(large_numbers_are_sorted_both_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
