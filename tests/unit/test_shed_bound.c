/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/shed_bound.h"
#include "tests/unit/vcpu_fixture.h"

static int64_t bound_of(struct kit *kit)
{
    kit_up(kit);
    assert_int_equal(shed_bound(&kit->ws.bounds), 0);
    return bounds_least(&kit->ws.bounds);
}

static void it_is_never_above_the_optimum(void **state)
{
    int closed = 0;

    (void)state;
    for (unsigned seed = 0; seed < 400; seed++) {
        enum placement_objective objective = seed % 4 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE;
        struct kit kit;
        int64_t bound, optimum;

        if (seed % 3)
            kit_random(&kit, seed, objective);
        else
            kit_confined(&kit, seed, objective);
        bound = bound_of(&kit);
        optimum = kit_optimum(&kit);
        assert_true(bound <= optimum);
        closed += bound == optimum;
        kit_down(&kit);
    }
    assert_true(closed > 10);
}

/* Four of eight alike leave for 10 each: nothing else is as even. */
static void it_is_exact_where_items_divide_as_they_should(void **state)
{
    struct kit kit;
    int64_t bound;

    (void)state;
    kit_plain(&kit, 8, 2);
    kit.problem.kappa = 30;
    for (int i = 0; i < 8; i++)
        kit.demand[i] = 100;
    bound = bound_of(&kit);
    assert_int_equal(bound, 40 * kit.in.unit);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_never_above_the_optimum),
        cmocka_unit_test(it_is_exact_where_items_divide_as_they_should),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
