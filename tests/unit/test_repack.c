/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/search/repack.h"
#include "tests/unit/vcpu_fixture.h"

/* 3 + 5 + 7, 4 + 11, 6 + 9: 15 each, far from what greedy filling gives. */
static void a_perfect_packing_is_found(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 7, 3);
    for (int i = 0; i < 7; i++) {
        kit.demand[i] = (int[]){30, 50, 70, 40, 110, 60, 90}[i];
        kit.current[i] = -1;
        kit.price[i * 3] = 10;
    }
    kit_up(&kit);
    for (int i = 0; i < 7; i++)
        assignment_move(&kit.ws.search.now, i, i % 2);
    assert_int_equal(repack(&kit.ws.search), 0);
    assert_int_equal(kit.ws.search.now.error[0], 0);
    assert_int_equal(kit.ws.search.now.error[1], 0);
    assert_int_equal(kit.ws.search.now.error[2], 0);
    kit_down(&kit);
}

static void prices_and_masks_are_kept(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 80; seed++) {
        struct kit kit;
        struct extremes before, after;
        int64_t cost;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        cost = kit.ws.search.now.cost;
        assignment_extremes(&kit.ws.search.now, &before);
        assert_int_equal(repack(&kit.ws.search), 0);
        assignment_extremes(&kit.ws.search.now, &after);
        assert_int_equal(kit.ws.search.now.cost, cost);
        assert_true(after.deviation[0] <= before.deviation[0]);
        for (int i = 0; i < kit.in.n; i++)
            assert_true(assignment_may_enter(&kit.ws.search.now, i, kit.ws.search.now.bin[i]));
        kit_down(&kit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_perfect_packing_is_found),
        cmocka_unit_test(prices_and_masks_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
