/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/search/level_out.h"
#include "models/search/polish.h"
#include "tests/unit/vcpu_fixture.h"

static void never_worse_and_a_local_optimum(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 80; seed++) {
        struct kit kit;
        int64_t before, after;

        kit_random(&kit, seed, seed % 2 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        kit_up(&kit);
        before = assignment_objective(&kit.ws.search.now);
        polish(&kit.ws.search);
        after = assignment_objective(&kit.ws.search.now);
        assert_true(after <= before + kit.in.m);
        polish(&kit.ws.search);
        assert_true(assignment_objective(&kit.ws.search.now) <= after + kit.in.m);
        kit_down(&kit);
    }
}

static void settling_costs_nothing(void **state)
{
    struct kit kit;
    int64_t cost;
    double squares;

    (void)state;
    kit_plain(&kit, 8, 4);
    kit_up(&kit);
    for (int i = 0; i < 6; i++)
        assignment_move(&kit.ws.search.now, i, 1);
    cost = kit.ws.search.now.cost;
    squares = assignment_squares(&kit.ws.search.now);
    level_out(&kit.ws.search, false);
    assert_true(kit.ws.search.now.cost <= cost);
    assert_true(assignment_squares(&kit.ws.search.now) < squares);
    kit_down(&kit);
}

/* Two at home in bin 0 may return there for nothing, but not when prices have to stay. */
static void at_the_same_price_nobody_goes_home(void **state)
{
    struct kit kit;
    double squares;

    (void)state;
    kit_plain(&kit, 6, 3);
    kit_up(&kit);
    for (int i = 0; i < 6; i++)
        assignment_move(&kit.ws.search.now, i, 1);
    squares = assignment_squares(&kit.ws.search.now);
    level_out(&kit.ws.search, true);
    assert_true(assignment_squares(&kit.ws.search.now) < squares);
    assert_int_equal(kit.ws.search.now.cost, 6 * 10);
    for (int i = 0; i < 6; i++)
        assert_int_not_equal(kit.ws.search.now.bin[i], 0);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_worse_and_a_local_optimum),
        cmocka_unit_test(settling_costs_nothing),
        cmocka_unit_test(at_the_same_price_nobody_goes_home),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
