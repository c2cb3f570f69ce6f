/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/search/shed.h"
#include "tests/unit/vcpu_fixture.h"

static void what_is_alike_is_shared_out_with_the_fewest_moves(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 10, 2);
    kit.problem.kappa = 30;
    for (int i = 0; i < 10; i++)
        kit.demand[i] = 100;
    kit_up(&kit);
    assert_int_equal(shed(&kit.ws.search), 0);
    assert_int_equal(kit.ws.search.best.cost, 50);
    assert_int_equal(kit.ws.search.best_objective, 50 * kit.in.unit);
    kit_down(&kit);
}

/* Whatever the problem, everybody stands where it may, and changing nothing is never better. */
static void a_plan_is_allowed_and_no_worse_than_before(void **state)
{
    int better = 0;

    (void)state;
    for (unsigned seed = 0; seed < 300; seed++) {
        struct kit kit;
        int64_t before;

        if (seed % 2)
            kit_random(&kit, seed, seed % 3 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        else
            kit_confined(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        before = kit.ws.search.best_objective;
        assert_int_equal(shed(&kit.ws.search), 0);
        assert_true(kit.ws.search.best_objective <= before);
        better += kit.ws.search.best_objective < before;
        for (int i = 0; i < kit.in.n; i++)
            assert_int_not_equal(instance_price(&kit.in, i, kit.ws.search.best.bin[i]),
                                 INSTANCE_FORBIDDEN);
        assert_int_equal(assignment_objective(&kit.ws.search.now), kit.ws.search.best_objective);
        kit_down(&kit);
    }
    assert_true(better > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_alike_is_shared_out_with_the_fewest_moves),
        cmocka_unit_test(a_plan_is_allowed_and_no_worse_than_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
