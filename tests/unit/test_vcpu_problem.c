/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/placement/problem.h"
#include "tests/unit/vcpu_fixture.h"

static void nonsense_is_refused(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 3, 2);
    assert_int_equal(placement_problem_check(&kit.problem), 0);
    kit.demand[1] = 1001;
    assert_int_equal(placement_problem_check(&kit.problem), -EINVAL);
    kit.demand[1] = 0;
    kit.price[1] = -1;
    assert_int_equal(placement_problem_check(&kit.problem), -EINVAL);
    kit.price[1] = 10;
    kit.current[2] = 2;
    assert_int_equal(placement_problem_check(&kit.problem), -EINVAL);
    kit.current[2] = 1; /* staying may have a price, too */
    assert_int_equal(placement_problem_check(&kit.problem), 0);
    kit.current[2] = -1;
    assert_int_equal(placement_problem_check(&kit.problem), 0);
    kit.problem.kappa = 0;
    assert_int_equal(placement_problem_check(&kit.problem), -EINVAL);
}

static void capacities_and_backgrounds_have_ranges(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 3, 2);
    kit.problem.capacity_permille = kit.capacity;
    assert_int_equal(placement_problem_check(&kit.problem), -EINVAL);
    kit.capacity[0] = kit.capacity[1] = 1000;
    kit.problem.background_permille = kit.background;
    assert_int_equal(placement_problem_check(&kit.problem), 0);
    kit.background[1] = -5;
    assert_int_equal(placement_problem_check(&kit.problem), -EINVAL);
}

static void every_method_has_a_name(void **state)
{
    (void)state;
    for (int method = PLACEMENT_METHOD_HOLD; method <= PLACEMENT_METHOD_ENUMERATION; method++)
        assert_non_null(placement_method_text((enum placement_method)method));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(capacities_and_backgrounds_have_ranges),
        cmocka_unit_test(every_method_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
