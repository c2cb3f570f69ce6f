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
    assert_int_equal(kit.balance.target[1], 3 * kit.balance.target[0]);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_include_the_background),
        cmocka_unit_test(targets_follow_capacities),
        cmocka_unit_test(the_heavy_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
