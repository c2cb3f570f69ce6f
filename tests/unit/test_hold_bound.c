/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/placement/hold_bound.h"
#include "tests/unit/vcpu_fixture.h"

static void holding_is_only_proven_when_it_is_best(void **state)
{
    int proven = 0;

    (void)state;
    for (unsigned seed = 0; seed < 300; seed++) {
        struct kit kit;
        struct hold hold;
        int64_t optimum;

        kit_random(&kit, seed, seed % 2 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        kit_up(&kit);
        optimum = kit_optimum(&kit);
        assert_int_equal(hold_bound(&kit.balance, &hold), 0);
        assert_true(hold.bound <= optimum);
        if (hold.optimal) {
            assert_true(hold.possible);
            assert_int_equal(assignment_objective(&kit.ws.search.home), optimum);
            proven++;
        }
        kit_down(&kit);
    }
    assert_true(proven > 20);
}

static void floating_vcpus_cannot_hold(void **state)
{
    struct kit kit;
    struct hold hold;

    (void)state;
    kit_plain(&kit, 3, 2);
    kit.current[1] = -1;
    kit_up(&kit);
    assert_int_equal(hold_bound(&kit.balance, &hold), 0);
    assert_false(hold.possible);
    assert_false(hold.optimal);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holding_is_only_proven_when_it_is_best),
        cmocka_unit_test(floating_vcpus_cannot_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
