/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/fleet_fixture.h"

static void who_stays_stopped_is_proven_and_told(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    fleet_kit_guest(&kit, "g1", FLEET_NOWHERE, 10, 6);
    fleet_kit_guest(&kit, "g2", FLEET_NOWHERE, 10, 6);
    fleet_kit_guest(&kit, "g3", FLEET_NOWHERE, 10, 6);
    fleet_kit_guest(&kit, "huge", FLEET_NOWHERE, 10, 11);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.n_stopped, 2);
    assert_int_equal(kit.plan.least_stopped, 2);
    assert_int_equal(kit.plan.n_starts, 2);
    assert_non_null(strstr(kit.plan.certificate, "No plan stops fewer than 2."));
    assert_non_null(strstr(kit.plan.stopped[1].reason, "takes 11 of memory, more than any host"));
    fleet_plan_done(&kit.plan);
}

/* Stopping the large one would start two. */
static void nobody_who_runs_is_stopped_to_start_others(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    kit.hosts[1].is_open = false;
    kit.hosts[1].why_closed = "lost";
    fleet_kit_guest(&kit, "large", 0, 10, 10);
    fleet_kit_guest(&kit, "one", FLEET_NOWHERE, 10, 5);
    fleet_kit_guest(&kit, "two", FLEET_NOWHERE, 10, 5);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_NOTHING);
    assert_string_equal(fleet_kit_host(&kit, "large"), "a");
    assert_int_equal(kit.plan.n_stopped, 2);
    fleet_plan_done(&kit.plan);
}

/* Only how many there are and who is apart is asked. */
static void fleets_without_a_hard_resource_are_planned(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 0);
    kit.fleet.n_resources = 0;
    fleet_kit_guest(&kit, "g1", 0, 10, 0);
    fleet_kit_guest(&kit, "g2", 0, 10, 0);
    fleet_kit_guest(&kit, "g3", FLEET_NOWHERE, 10, 0);
    fleet_kit_apart(&kit, &kit.guests[0], &kit.guests[1]);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_MOVES);
    assert_string_not_equal(fleet_kit_host(&kit, "g1"), fleet_kit_host(&kit, "g2"));
    assert_int_equal(kit.plan.n_stopped, 0);
    assert_int_equal(kit.plan.n1[0].answer, FLEET_UNPROTECTED);
    fleet_plan_done(&kit.plan);
}

/* A fixed guest may have more than there is; those that are to come to it may not. */
static void a_fixed_guest_makes_no_room_for_its_set(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    fleet_kit_guest(&kit, "fixed", 0, 10, 6)->together = 0;
    fleet_kit_guest(&kit, "starts", FLEET_NOWHERE, 10, 6)->together = 0;
    fleet_kit_guest(&kit, "other", FLEET_NOWHERE, 10, 4);
    kit.guests[0].is_fixed = true;
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_MOVES);
    assert_string_equal(fleet_kit_host(&kit, "starts"), "-");
    assert_string_not_equal(fleet_kit_host(&kit, "other"), "-");
    fleet_plan_done(&kit.plan);
}

/* The others are planned all the same. */
static void who_is_kept_from_its_set_stays_on_a_closed_host(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    kit.hosts[1].is_open = false;
    kit.hosts[1].why_closed = "standby";
    fleet_kit_guest(&kit, "runs", 0, 10, 6)->together = 0;
    fleet_kit_guest(&kit, "waits", 1, 10, 6)->together = 0;
    fleet_kit_guest(&kit, "starts", FLEET_NOWHERE, 10, 4);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_MOVES);
    assert_string_equal(fleet_kit_host(&kit, "runs"), "a");
    assert_string_equal(fleet_kit_host(&kit, "starts"), "a");
    assert_int_equal(kit.plan.n_stopped, 1);
    assert_true(kit.plan.stopped[0].must_leave);
    fleet_plan_done(&kit.plan);
}

/* Another of its set is fixed elsewhere: it stays all the same. */
static void a_fixed_guest_is_never_in_conflict(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    kit.hosts[1].is_open = false;
    fleet_kit_guest(&kit, "here", 0, 10, 2)->together = 0;
    fleet_kit_guest(&kit, "there", 1, 10, 2)->together = 0;
    kit.guests[0].is_fixed = kit.guests[1].is_fixed = true;
    fleet_kit_guest(&kit, "starts", FLEET_NOWHERE, 10, 4);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_MOVES);
    assert_string_equal(fleet_kit_host(&kit, "starts"), "a");
    fleet_plan_done(&kit.plan);
}

/* One dear move instead of two cheap ones: what it costs is second to the limit. */
static void a_limit_of_moves_comes_before_prices(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 8);
    kit.room[1] = 13;
    kit.hosts[0].cpu_milli = 15000;
    kit.hosts[1].cpu_milli = 5000;
    fleet_kit_guest(&kit, "g1", 1, 76, 4)->price = 2;
    fleet_kit_guest(&kit, "g2", 1, 12, 5)->price = 4;
    fleet_kit_guest(&kit, "g3", 1, 28, 2)->price = 4;
    fleet_kit_guest(&kit, "g4", 1, 34, 0)->price = FLEET_MOST_PRICE;
    fleet_kit_guest(&kit, "g5", 0, 39, 5)->price = 1;
    fleet_kit_apart(&kit, &kit.guests[0], &kit.guests[3]);
    kit.settings.max_moves = 1;
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.n_moves, 1);
    assert_string_equal(fleet_kit_host(&kit, "g4"), "a");
    fleet_plan_done(&kit.plan);
}

static void nobody_who_runs_is_stopped_for_a_rule(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    for (int k = 0; k < 3; k++)
        fleet_kit_guest(&kit, (const char *const[]){"g1", "g2", "g3"}[k], k % 2, 10, 1);
    fleet_kit_apart(&kit, &kit.guests[0], &kit.guests[1]);
    fleet_kit_apart(&kit, &kit.guests[0], &kit.guests[2]);
    fleet_kit_apart(&kit, &kit.guests[1], &kit.guests[2]);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_NOTHING);
    assert_int_equal(kit.plan.n_moves, 0);
    assert_string_equal(fleet_kit_host(&kit, "g3"), "a");
    assert_true(kit.plan.n_conflicts > 0);
    assert_non_null(strstr(kit.plan.conflicts[0].text, "are to be apart, and no plan was found"));
    assert_int_equal(kit.plan.n_n1, 2);
    fleet_plan_done(&kit.plan);
}

/* The large one alone is in the way. */
static void as_few_as_can_be_are_left_out(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    fleet_kit_guest(&kit, "runs", 0, 10, 4)->together = 0;
    fleet_kit_guest(&kit, "large", FLEET_NOWHERE, 10, 8)->together = 0;
    fleet_kit_guest(&kit, "small", FLEET_NOWHERE, 10, 3)->together = 0;
    fleet_kit_guest(&kit, "tiny", FLEET_NOWHERE, 10, 2)->together = 0;
    fleet_kit_plan(&kit);
    assert_string_equal(fleet_kit_host(&kit, "runs"), fleet_kit_host(&kit, "small"));
    assert_string_equal(fleet_kit_host(&kit, "runs"), fleet_kit_host(&kit, "tiny"));
    assert_int_equal(kit.plan.n_stopped, 1);
    assert_string_equal(fleet_kit_host(&kit, "large"), "-");
    fleet_plan_done(&kit.plan);
}

static void who_would_stop_its_set_stays_stopped(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    fleet_kit_guest(&kit, "runs", 0, 10, 6)->together = 0;
    fleet_kit_guest(&kit, "starts", FLEET_NOWHERE, 10, 6)->together = 0;
    fleet_kit_plan(&kit);
    assert_string_equal(fleet_kit_host(&kit, "runs"), "a");
    assert_int_equal(kit.plan.n_stopped, 1);
    assert_non_null(strstr(kit.plan.stopped[0].reason, "together with run where it does not fit"));
    fleet_plan_done(&kit.plan);
}

/* With 'two' left stopped instead, both others would run. */
static void what_is_proven_of_whole_sets_is_not_of_guests(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 1, 10);
    fleet_kit_guest(&kit, "one", 0, 10, 4)->together = 0;
    fleet_kit_guest(&kit, "two", FLEET_NOWHERE, 10, 4)->together = 0;
    fleet_kit_guest(&kit, "x", FLEET_NOWHERE, 10, 3);
    fleet_kit_guest(&kit, "y", FLEET_NOWHERE, 10, 3);
    fleet_kit_plan(&kit);
    assert_string_equal(fleet_kit_host(&kit, "one"), "a");
    assert_in_range(kit.plan.least_stopped, 0, 1);
    assert_null(strstr(kit.plan.certificate, "No plan stops fewer than 2"));
    fleet_plan_done(&kit.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_stays_stopped_is_proven_and_told),
        cmocka_unit_test(nobody_who_runs_is_stopped_to_start_others),
        cmocka_unit_test(fleets_without_a_hard_resource_are_planned),
        cmocka_unit_test(a_fixed_guest_makes_no_room_for_its_set),
        cmocka_unit_test(a_limit_of_moves_comes_before_prices),
        cmocka_unit_test(who_is_kept_from_its_set_stays_on_a_closed_host),
        cmocka_unit_test(a_fixed_guest_is_never_in_conflict),
        cmocka_unit_test(nobody_who_runs_is_stopped_for_a_rule),
        cmocka_unit_test(as_few_as_can_be_are_left_out),
        cmocka_unit_test(who_would_stop_its_set_stays_stopped),
        cmocka_unit_test(what_is_proven_of_whole_sets_is_not_of_guests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
