/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/search/resplit.h"
#include "tests/unit/vcpu_fixture.h"

static void two_bins_end_as_even_as_they_can(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 7, 3);
    for (int i = 0; i < 7; i++)
        kit.demand[i] = (int[]){90, 70, 60, 50, 40, 30, 20}[i];
    kit_up(&kit);
    for (int i = 0; i < 7; i++)
        assignment_move(&kit.ws.search.now, i, 1);
    resplit(&kit.ws.search,
            false); /* 360 over bins 1 and 2: 180 each; home would be cheaper still */
    assert_int_equal(kit.ws.search.now.error[1], kit.ws.search.now.error[2]);
    kit_down(&kit);
}

static void it_costs_nothing(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;
        int64_t cost;
        double squares;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        cost = kit.ws.search.now.cost;
        squares = assignment_squares(&kit.ws.search.now);
        resplit(&kit.ws.search, false);
        assert_true(kit.ws.search.now.cost <= cost);
        assert_true(assignment_squares(&kit.ws.search.now) <= squares + 0.5);
        kit_down(&kit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_bins_end_as_even_as_they_can),
        cmocka_unit_test(it_costs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
