/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/placement/fair_share.h"
#include "tests/unit/vcpu_fixture.h"

static void loads_include_the_background(void **state)
{
    struct kit kit;
    int64_t load[2];

    (void)state;
    kit_plain(&kit, 3, 2);
    kit.background[1] = 70;
    kit.problem.background_permille = kit.background;
    kit.current[2] = 1;
    kit.price[2 * 2] = 10;
    kit.price[2 * 2 + 1] = 0;
    assert_int_equal(balance_new(&kit.problem, &kit.balance), 0);
    balance_loads(&kit.balance, kit.current, load);
    assert_int_equal(load[0], 210);
    assert_int_equal(load[1], 190);
    assert_int_equal(kit.balance.parts, 2);
    assert_int_equal(balance_error(&kit.balance, 0, load[0]), 20);
    assert_int_equal(balance_deviation(&kit.balance, 1, load[1]), 20);
    balance_done(&kit.balance);
}

static void targets_follow_capacities(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 3, 2);
    kit.capacity[0] = 500;
    kit.capacity[1] = 1500;
    kit.problem.capacity_permille = kit.capacity;
    assert_int_equal(balance_new(&kit.problem, &kit.balance), 0);
    assert_int_equal(kit.balance.share[0], 1);
    assert_int_equal(kit.balance.share[1], 3);
    assert_int_equal(balance_target_load(&kit.balance, 1) / balance_target_load(&kit.balance, 0),
                     3);
    /* a point of the larger bin is a third as much load in the smaller one */
    assert_int_equal(balance_error(&kit.balance, 0, 100) - balance_error(&kit.balance, 0, 0),
                     3 * (balance_error(&kit.balance, 1, 100) - balance_error(&kit.balance, 1, 0)));
    assert_int_equal(balance_error(&kit.balance, 1, 10) - balance_error(&kit.balance, 1, 0),
                     kit.balance.scale);
    balance_done(&kit.balance);
}

static void the_heavy_are_cut(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 3, 2);
    kit.demand[0] = 1000; /* the others: 110 + 120 in the other bin */
    assert_int_equal(balance_new(&kit.problem, &kit.balance), 0);
    assert_int_equal(kit.balance.weight[0], 230 + 50);
    assert_int_equal(kit.balance.weight[1], 110);
    balance_done(&kit.balance);
}

/* Overload is seen beside the heavy one only, and from the demands as they are. */
static void a_heavy_item_leaves_no_room(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 3, 2);
    kit.demand[0] = 1000;
    kit.problem.overload_cost = 1;
    assert_int_equal(balance_new(&kit.problem, &kit.balance), 0);
    assert_true(kit.balance.has_overload);
    /* 110 beside it, one point of which is none; 120 and 110 alone, even with 1270 more */
    assert_int_equal(balance_overload(&kit.balance, 0, 280 + 110, kit.balance.excess[0]), 100);
    assert_int_equal(balance_overload(&kit.balance, 1, 230 + 1270, 0), 0);
    balance_done(&kit.balance);
    kit.demand[0] = 300; /* the cut hides 20: that is a deviation by itself */
    assert_int_equal(balance_new(&kit.problem, &kit.balance), 0);
    assert_false(kit.balance.has_overload);
    assert_int_equal(balance_overload(&kit.balance, 0, 5000, kit.balance.excess[0]), 0);
    balance_done(&kit.balance);
}

/* What no placement could serve is no overload: here the background leaves 900 of either bin. */
static void what_must_be_full_is_no_overload(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 3, 2);
    kit.demand[0] = 1000;
    kit.background[0] = kit.background[1] = 100;
    kit.problem.background_permille = kit.background;
    kit.problem.overload_cost = 1;
    assert_int_equal(balance_new(&kit.problem, &kit.balance), 0);
    assert_int_equal(balance_overload(&kit.balance, 0,
                                      kit.balance.background[0] + kit.balance.weight[0],
                                      kit.balance.excess[0]),
                     0);
    balance_done(&kit.balance);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_include_the_background),
        cmocka_unit_test(targets_follow_capacities),
        cmocka_unit_test(the_heavy_are_cut),
        cmocka_unit_test(a_heavy_item_leaves_no_room),
        cmocka_unit_test(what_must_be_full_is_no_overload),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
