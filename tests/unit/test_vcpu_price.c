/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/placement/evaluate.h"
#include "models/placement/problem.h"
#include "tests/unit/vcpu_fixture.h"

static void deviation_and_prices_add_up(void **state)
{
    struct kit kit;
    struct placement_value price;

    (void)state;
    kit_plain(&kit, 4, 2); /* 100 110 120 130 */
    assert_int_equal(placement_evaluate(&kit.problem, (int[]){0, 1, 1, 0}, &price), 0);
    assert_int_equal(price.deviation_scaled, 0);
    assert_int_equal(price.cost, 20);
    assert_int_equal(price.moves, 2);
    assert_true(fabs(price.objective - 20.0 / 5) < 1e-12);
    assert_int_equal(placement_evaluate(&kit.problem, kit.current, &price), 0);
    assert_true(fabs((double)price.deviation_scaled / (double)price.scale - 23) < 1e-12);
    assert_int_equal(price.square_sum_permille2, 2 * 230 * 230);
}

static void what_may_not_be_is_counted(void **state)
{
    struct kit kit;
    struct placement_value price;

    (void)state;
    kit_plain(&kit, 3, 2);
    for (int k = 0; k < 6; k++)
        kit.allowed[k] = k != 3;
    kit.problem.allowed = kit.allowed;
    assert_int_equal(placement_evaluate(&kit.problem, (int[]){0, 1, -1}, &price), 0);
    assert_int_equal(price.violations, 2);
}

static void sigma_is_the_standard_deviation(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 4, 2);
    assert_true(fabs(placement_sigma_pct(&kit.problem, kit.current) - 23) < 1e-9);
    assert_true(fabs(placement_sigma_pct(&kit.problem, (int[]){0, 1, 1, 0})) < 1e-9);
    assert_true(placement_sigma_bound_pct(&kit.problem) < 1e-9);
    assert_int_equal(placement_water_level_permille(&kit.problem), 230);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deviation_and_prices_add_up),
        cmocka_unit_test(what_may_not_be_is_counted),
        cmocka_unit_test(sigma_is_the_standard_deviation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
