/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/solve/rounding.h"
#include "tests/unit/vcpu_fixture.h"

static void weights_become_a_plan(void **state)
{
    struct kit kit;
    int optimum[KIT_VCPUS] = {0, 1, 2, 2, 1, 0};
    int patterns[KIT_BINS];

    (void)state;
    kit_plain(&kit, 6, 3); /* 100 + 150, 110 + 140, 120 + 130 */
    kit.problem.kappa = 30;
    kit_up(&kit);
    assert_int_equal(patterns_add_plan(&kit.ws.patterns, optimum, patterns), 0);
    for (int p = 0; p < 3; p++)
        kit.ws.patterns.patterns[patterns[p]].weight = 1;
    assert_int_equal(rounding_run(&kit.ws, 0), 0);
    assert_int_equal(kit.ws.search.best_objective, kit_objective(&kit, optimum));
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_become_a_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
