/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/placement/anchors.h"
#include "tests/unit/vcpu_fixture.h"

static void who_is_at_home_is_anchored_there(void **state)
{
    struct kit kit;
    struct anchors anchors;

    (void)state;
    kit_plain(&kit, 3, 3);
    kit.price[1 * 3 + 2] = 4;
    kit_up(&kit);
    assert_int_equal(anchors_new(&kit.in, &kit.ws.arena, &anchors), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(anchors.bin[i], 0);
    assert_int_equal(anchors.away[0], 10);
    assert_int_equal(anchors.away[1], 4);
    assert_int_equal(anchors.cost, 0);
    assert_int_equal(anchors.load[0], 330);
    assert_int_equal(anchors.own[0], 1); /* 110 for 4, 120 for 10, 100 for 10 */
    assert_int_equal(anchors.own[1], 2);
    kit_down(&kit);
}

static void who_floats_is_anchored_where_it_is_cheapest(void **state)
{
    struct kit kit;
    struct anchors anchors;

    (void)state;
    kit_plain(&kit, 2, 3);
    kit.current[1] = -1;
    kit.price[1 * 3 + 0] = 5;
    kit.price[1 * 3 + 1] = 2;
    kit.price[1 * 3 + 2] = 9;
    kit_up(&kit);
    assert_int_equal(anchors_new(&kit.in, &kit.ws.arena, &anchors), 0);
    assert_int_equal(anchors.bin[1], 1);
    assert_int_equal(anchors.away[1], 3);
    assert_int_equal(anchors.cost, 2);
    kit_down(&kit);
}

static void who_can_go_nowhere_is_stuck(void **state)
{
    struct kit kit;
    struct anchors anchors;

    (void)state;
    kit_plain(&kit, 2, 2);
    kit.problem.allowed = kit.allowed;
    for (int k = 0; k < 4; k++)
        kit.allowed[k] = k != 1;
    kit_up(&kit);
    assert_int_equal(anchors_new(&kit.in, &kit.ws.arena, &anchors), 0);
    assert_int_equal(anchors.away[0], ANCHORS_STUCK);
    assert_int_equal(anchors.own[0], 1);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_at_home_is_anchored_there),
        cmocka_unit_test(who_floats_is_anchored_where_it_is_cheapest),
        cmocka_unit_test(who_can_go_nowhere_is_stuck),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
