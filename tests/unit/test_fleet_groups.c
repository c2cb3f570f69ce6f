/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fleets in groups of hosts: dealt evenly, planned by the same rules, and with a bound that holds for
 * all of them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "planner/fleet/groups.h"
#include "planner/fleet/relaxation.h"
#include "tests/unit/fleet_fixture.h"

static void hosts_are_dealt_there_and_back(void **state)
{
    static const char *const names[] = {"g1", "g2", "g3", "g4", "g5", "g6"};
    struct fleet_kit kit;
    struct items items;
    int group_of[6], at[6];

    (void)state;
    fleet_kit_new(&kit, 6, 100);
    for (int k = 0; k < 6; k++)
        fleet_kit_guest(&kit, names[k], k, 10 * (k + 1), 1);
    assert_int_equal(items_new(&kit.fleet, NULL, false, &items, NULL), 0);
    for (int k = 0; k < 6; k++)
        at[k] = k;
    assert_int_equal(groups_deal(&items, at, 3, group_of), 2);
    /* f e d c b a: 0 1 1 0 0 1 */
    assert_memory_equal(group_of, ((int[]){1, 0, 0, 1, 1, 0}), sizeof(group_of));
    assert_int_equal(groups_deal(&items, at, 6, group_of), 1);
    items_done(&items);
}

static void draw(struct fleet_kit *kit, uint64_t *random)
{
    static const char *const names[] = {"g1", "g2", "g3", "g4", "g5", "g6", "g7"};

    fleet_kit_new(kit, 4, 20);
    for (int k = 0; k < 7; k++)
        fleet_kit_guest(kit, names[k], (int)(fleet_kit_dice(random) % 4),
                        2 + (int)(fleet_kit_dice(random) % 12),
                        1 + (int)(fleet_kit_dice(random) % 4));
    kit->settings.whole_hosts = kit->settings.group_hosts = 2;
}

/* Groups of two hosts; what all hosts together could do, by exhaustion, is never below the bound. */
static void the_bound_holds_for_the_whole_fleet(void **state)
{
    uint64_t random = 5;
    double tightest = 0;

    (void)state;
    for (int k = 0; k < 40; k++) {
        struct fleet_kit kit;
        double optimum;

        draw(&kit, &random);
        fleet_kit_plan(&kit);
        assert_int_equal(kit.plan.n_groups, 2);
        optimum = fleet_kit_optimum(&kit, kit.plan.kappa);
        assert_true(kit.plan.bound <= optimum + 1e-6);
        assert_true(kit.plan.objective >= optimum - 1e-6);
        tightest = fmax(tightest, kit.plan.bound / optimum);
        fleet_plan_done(&kit.plan);
    }
    assert_true(tightest > 0.7);
}

/* Someone has no home: it costs something wherever it goes, and fills what others lack. */
static void the_bound_counts_who_has_no_home(void **state)
{
    uint64_t random = 9;

    (void)state;
    for (int k = 0; k < 20; k++) {
        struct fleet_kit kit;

        draw(&kit, &random);
        kit.guests[0].home = FLEET_NOWHERE;
        fleet_kit_allow(&kit, &kit.guests[1], kit.guests[1].home == 0 ? "bcd" : "a");
        fleet_kit_plan(&kit);
        assert_int_equal(kit.plan.n_stopped, 0);
        assert_true(kit.plan.bound <= fleet_kit_optimum(&kit, kit.plan.kappa) + 1e-6);
        assert_true(kit.plan.bound >= kit.guests[1].price);
        fleet_plan_done(&kit.plan);
    }
}

static void guests_stay_in_their_group_and_rules_hold(void **state)
{
    uint64_t random = 3;

    (void)state;
    for (int k = 0; k < 20; k++) {
        struct fleet_kit kit;

        draw(&kit, &random);
        kit.guests[2].together = kit.guests[3].together = 0;
        if (kit.guests[0].home != kit.guests[1].home)
            fleet_kit_apart(&kit, &kit.guests[0], &kit.guests[1]);
        fleet_kit_plan(&kit);
        /* the plan has passed the check */
        assert_true(kit.plan.verdict <= FLEET_PLAN_NOTHING);
        assert_string_equal(fleet_kit_host(&kit, "g3"), fleet_kit_host(&kit, "g4"));
        fleet_plan_done(&kit.plan);
    }
}

static void moves_are_limited_in_groups_too(void **state)
{
    uint64_t random = 13;
    size_t free_moves = 0, moves = 0;

    (void)state;
    for (int k = 0; k < 20; k++) {
        struct fleet_kit kit;

        draw(&kit, &random);
        fleet_kit_plan(&kit);
        free_moves += kit.plan.n_moves;
        fleet_plan_done(&kit.plan);
        kit.settings.max_moves = 1;
        fleet_kit_plan(&kit);
        assert_true(kit.plan.n_moves <= 1);
        moves += kit.plan.n_moves;
        fleet_plan_done(&kit.plan);
    }
    assert_true(free_moves > moves && moves > 0);
}

static void more_moves_than_the_limit_are_told(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 4, 10);
    fleet_kit_guest(&kit, "g1", 0, 10, 4);
    fleet_kit_guest(&kit, "g2", 0, 10, 4);
    kit.hosts[0].is_open = false;
    kit.settings.whole_hosts = 1;
    kit.settings.group_hosts = 2;
    kit.settings.max_moves = 1;
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.n_moves, 2);
    assert_non_null(strstr(kit.plan.note, "more than the 1 of one round"));
    fleet_plan_done(&kit.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_dealt_there_and_back),
        cmocka_unit_test(the_bound_holds_for_the_whole_fleet),
        cmocka_unit_test(the_bound_counts_who_has_no_home),
        cmocka_unit_test(guests_stay_in_their_group_and_rules_hold),
        cmocka_unit_test(moves_are_limited_in_groups_too),
        cmocka_unit_test(more_moves_than_the_limit_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
