/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/placement/instance.h"
#include "tests/unit/vcpu_fixture.h"

static void idle_vcpus_at_home_are_left_out(void **state)
{
    struct kit kit;
    int all[KIT_VCPUS], plan[KIT_VCPUS] = {1, 1, 1};

    (void)state;
    kit_plain(&kit, 4, 2);
    kit.demand[1] = 0;
    kit_up(&kit);
    assert_int_equal(kit.in.n, 3);
    instance_lift(&kit.in, plan, all);
    assert_int_equal(all[0], 1);
    assert_int_equal(all[1], 0);
    assert_int_equal(all[3], 1);
    kit_down(&kit);
}

static void whoever_may_not_stay_floats(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 3, 2);
    for (int k = 0; k < 6; k++)
        kit.allowed[k] = true;
    kit.allowed[0] = false;
    kit.problem.allowed = kit.allowed;
    kit_up(&kit);
    assert_int_equal(kit.in.home[0], INSTANCE_NOWHERE);
    assert_int_equal(kit.in.n_floating, 1);
    assert_int_equal(instance_price(&kit.in, 0, 0), INSTANCE_FORBIDDEN);
    assert_int_equal(kit.in.own_first[1], 2);
    kit_down(&kit);
}

static void bins_alike_share_a_class(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 5, 4);
    kit_up(&kit);
    assert_int_equal(kit.in.n_classes, 1);
    kit_down(&kit);
    kit_plain(&kit, 5, 4);
    kit.price[2 * 4 + 3] = 17;
    kit_up(&kit);
    assert_int_equal(kit.in.n_classes, 2);
    assert_int_equal(kit.in.class_of[3], 1);
    assert_int_equal(kit.in.class_price[5 + 2], 17);
    kit_down(&kit);
}

static void find_least(struct kit *kit, const int *bin_of, void *arg)
{
    struct extremes extremes;
    int64_t *least = arg;

    assignment_set(&kit->ws.search.now, bin_of);
    assignment_extremes(&kit->ws.search.now, &extremes);
    if (extremes.deviation[0] < *least)
        *least = extremes.deviation[0];
}

static void no_plan_deviates_less_than_whole_loads_must(void **state)
{
    int reached = 0;

    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;
        int64_t bound, least = INT64_MAX;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        bound = kit.in.least_deviation;
        kit.in.least_deviation = 0; /* or it would cover up */
        kit_every_plan(&kit, find_least, &least);
        assert_true(least >= bound);
        reached += least == bound;
        kit_down(&kit);
    }
    assert_true(reached > 0);
}

/* 7 ones over 4 bins of 1.75: some bin has 1 or less, which is 0.75 off. */
static void loads_that_cannot_all_be_the_mean(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 7, 4);
    for (int i = 0; i < 7; i++)
        kit.demand[i] = 1;
    kit_up(&kit);
    assert_int_equal(kit.balance.parts, 4);
    assert_int_equal(kit.in.least_deviation, 3);
    assert_int_equal(kit.ws.windows.least[0], 3);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_vcpus_at_home_are_left_out),
        cmocka_unit_test(whoever_may_not_stay_floats),
        cmocka_unit_test(bins_alike_share_a_class),
        cmocka_unit_test(no_plan_deviates_less_than_whole_loads_must),
        cmocka_unit_test(loads_that_cannot_all_be_the_mean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
