/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/solve/restricted.h"
#include "tests/unit/vcpu_fixture.h"

/* What bin 0 holds in the better plan only the incumbent knows. */
static void the_incumbent_takes_part_and_a_better_plan_wins(void **state)
{
    struct kit kit;
    int even[KIT_VCPUS] = {0, 1, 2, 2, 1, 0}, uneven[KIT_VCPUS] = {0, 1, 1, 2, 2, 0};
    int left[] = {1, 4}, right[] = {2, 3};

    (void)state;
    kit_plain(&kit, 6, 3); /* 100 + 150, 110 + 140, 120 + 130 */
    kit.problem.kappa = 30;
    kit_up(&kit);
    assignment_set(&kit.ws.search.now, uneven);
    search_state_keep(&kit.ws.search);
    assert_int_equal(kit.ws.search.best_objective, kit_objective(&kit, uneven));
    assert_true(patterns_add(&kit.ws.patterns, 1, left, 2) >= 0);
    assert_true(patterns_add(&kit.ws.patterns, 2, right, 2) >= 0);
    assert_int_equal(restricted_search(&kit.ws, 0, 100, 50), 0);
    assert_int_equal(kit.ws.search.best_objective, kit_objective(&kit, even));
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_incumbent_takes_part_and_a_better_plan_wins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
