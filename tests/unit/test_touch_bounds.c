/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/touch_bounds.h"
#include "tests/unit/vcpu_fixture.h"

static void below_the_optimum_and_above_nothing(void **state)
{
    int closed = 0;

    (void)state;
    for (unsigned seed = 0; seed < 100; seed++) {
        struct kit kit;
        int64_t optimum;

        kit_random(&kit, seed, seed % 2 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        kit_up(&kit);
        optimum = kit_optimum(&kit);
        assert_int_equal(touch_bounds(&kit.ws.pricing, &kit.ws.bounds, optimum, &kit.ws.arena), 0);
        closed += bounds_least(&kit.ws.bounds) >= optimum;
        assert_int_equal(touch_bounds(&kit.ws.pricing, &kit.ws.bounds, INT64_MAX, &kit.ws.arena),
                         0);
        if (kit.ws.pricing.top == kit.ws.windows.n - 1)
            assert_true(bounds_least(&kit.ws.bounds) <= optimum);
        kit_down(&kit);
    }
    assert_true(closed > 10);
}

static void the_touch_price_is_the_cheapest_move(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 3, 3);
    kit.price[1 * 3 + 2] = 4;
    kit_up(&kit);
    assert_int_equal(touch_bounds_cost(&kit.in, 0), 10);
    assert_int_equal(touch_bounds_cost(&kit.in, 1), 4);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(below_the_optimum_and_above_nothing),
        cmocka_unit_test(the_touch_price_is_the_cheapest_move),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
