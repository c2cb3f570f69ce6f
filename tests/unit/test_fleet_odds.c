/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules that contradict each other, and how it is now: whom that is about stays, and the others are planned. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "planner/fleet/slice_solve.h"
#include "planner/fleet/start.h"
#include "tests/unit/fleet_fixture.h"

/* Two that are in conflict on a, and two who are evened out whatever these are. */
static void kit_up(struct fleet_kit *kit)
{
    fleet_kit_new(kit, 3, 20);
    fleet_kit_guest(kit, "x", 0, 10, 6)->together = 0;
    fleet_kit_guest(kit, "y", 1, 10, 6)->together = 0;
    fleet_kit_guest(kit, "one", 2, 40, 1);
    fleet_kit_guest(kit, "two", 2, 40, 1);
}

static void expect(struct fleet_kit *kit, const char *words)
{
    fleet_kit_plan(kit);
    if (kit->plan.n_conflicts != 1 || !strstr(kit->plan.conflicts[0].text, words))
        fail_msg("%zu conflicts: %s", kit->plan.n_conflicts,
                 kit->plan.n_conflicts ? kit->plan.conflicts[0].text : "");
    assert_string_equal(fleet_kit_host(kit, "x"), "a");
    assert_string_equal(fleet_kit_host(kit, "y"), "b");
    assert_string_not_equal(fleet_kit_host(kit, "one"), fleet_kit_host(kit, "two"));
    assert_int_equal(kit->plan.verdict, FLEET_PLAN_MOVES);
    assert_true(kit->plan.is_at_odds[0] && kit->plan.is_at_odds[1] && !kit->plan.is_at_odds[2]);
    fleet_plan_done(&kit->plan);
}

static void together_and_apart(void **state)
{
    struct fleet_kit kit;

    (void)state;
    kit_up(&kit);
    fleet_kit_apart(&kit, &kit.guests[0], &kit.guests[1]);
    expect(&kit, "'x' and 'y' are to be together and apart");
}

static void together_without_a_host_for_both(void **state)
{
    struct fleet_kit kit;

    (void)state;
    kit_up(&kit);
    fleet_kit_allow(&kit, &kit.guests[0], "a");
    fleet_kit_allow(&kit, &kit.guests[1], "bc");
    expect(&kit, "'x' and 'y' are to be together, and no open host");
}

static void together_and_larger_than_every_host(void **state)
{
    struct fleet_kit kit;

    (void)state;
    kit_up(&kit);
    kit.size[0] = 15;
    expect(&kit, "all of their set takes 21 of memory");
}

static void fixed_on_different_hosts(void **state)
{
    struct fleet_kit kit;

    (void)state;
    kit_up(&kit);
    kit.guests[0].is_fixed = kit.guests[1].is_fixed = true;
    expect(&kit, "'x' and 'y' are to be together, and stay on 'a' and 'b'");
}

/* Neither may leave a, which both use. */
static void apart_on_the_only_host(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 20);
    fleet_kit_allow(&kit, fleet_kit_guest(&kit, "x", 0, 10, 6), "a");
    fleet_kit_allow(&kit, fleet_kit_guest(&kit, "y", 0, 10, 6), "a");
    fleet_kit_guest(&kit, "one", 2, 40, 1);
    fleet_kit_guest(&kit, "two", 2, 40, 1);
    fleet_kit_apart(&kit, &kit.guests[0], &kit.guests[1]);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_MOVES);
    assert_int_equal(kit.plan.n_conflicts, 2);
    assert_string_equal(fleet_kit_host(&kit, "x"), "a");
    assert_string_equal(fleet_kit_host(&kit, "y"), "a");
    assert_string_not_equal(fleet_kit_host(&kit, "one"), fleet_kit_host(&kit, "two"));
    fleet_plan_done(&kit.plan);
}

static void the_stopped_stay_so_with_the_reason(void **state)
{
    struct fleet_kit kit;

    (void)state;
    kit_up(&kit);
    kit.guests[1].home = FLEET_NOWHERE;
    fleet_kit_apart(&kit, &kit.guests[0], &kit.guests[1]);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.n_stopped, 1);
    assert_int_equal(kit.plan.stopped[0].guest, 1);
    assert_string_equal(kit.plan.stopped[0].reason, "rules about it contradict each other");
    assert_string_equal(fleet_kit_host(&kit, "x"), "a");
    fleet_plan_done(&kit.plan);
}

static void a_look_names_the_conflict_too(void **state)
{
    struct fleet_kit kit;
    struct err err;

    (void)state;
    kit_up(&kit);
    fleet_kit_apart(&kit, &kit.guests[0], &kit.guests[1]);
    assert_int_equal(fleet_look(&kit.fleet, &kit.settings, &kit.plan, &err), 0);
    assert_int_equal(kit.plan.n_conflicts, 1);
    assert_int_equal(kit.plan.n_n1, 3);
    fleet_plan_done(&kit.plan);
}

/* Somebody is started and somebody leaves a closed host: the fair share of now is another than then. */
static void the_present_is_the_same_to_all(void **state)
{
    struct fleet_kit kit;
    struct fleet_plan look;
    struct err err;

    (void)state;
    fleet_kit_new(&kit, 3, 20);
    kit.hosts[2].is_open = false;
    fleet_kit_guest(&kit, "g1", 0, 50, 2);
    fleet_kit_guest(&kit, "g2", 1, 10, 2);
    fleet_kit_guest(&kit, "leaves", 2, 30, 2);
    fleet_kit_guest(&kit, "starts", FLEET_NOWHERE, 20, 2);
    assert_int_equal(fleet_look(&kit.fleet, &kit.settings, &look, &err), 0);
    fleet_kit_plan(&kit);
    assert_true(fabs(look.before.plain_pct - 20) < 1e-9);
    assert_true(fabs(kit.plan.before.plain_pct - look.before.plain_pct) < 1e-9);
    assert_int_equal(kit.plan.before.host, look.before.host);
    for (size_t k = 0; k < look.n_n1; k++)
        assert_int_equal(kit.plan.n1_before[k].answer, look.n1_before[k].answer);
    fleet_plan_done(&look);
    fleet_plan_done(&kit.plan);
}

static enum fleet_n1_answer loss_of(struct fleet_kit *kit, size_t host)
{
    struct err err;
    enum fleet_n1_answer answer;

    assert_int_equal(fleet_look(&kit->fleet, &kit->settings, &kit->plan, &err), 0);
    answer = kit->plan.n1_before[host].answer;
    fleet_plan_done(&kit->plan);
    return answer;
}

/* c has room for what the set on b takes, and only b for what is lost: three guests would have to move. */
static void each_guest_of_a_set_is_a_move(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 10);
    fleet_kit_allow(&kit, fleet_kit_guest(&kit, "lost", 0, 10, 8), "ab");
    for (int k = 0; k < 3; k++)
        fleet_kit_guest(&kit, (const char *const[]){"g1", "g2", "g3"}[k], 1, 10, 2)->together = 0;
    assert_int_equal(loss_of(&kit, 0), FLEET_UNPROTECTED);
    kit.settings.restart_moves = 3;
    assert_int_equal(loss_of(&kit, 0), FLEET_WITH_MOVES);
}

static void who_cannot_be_moved_may_be_restarted(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    fleet_kit_guest(&kit, "cold", 0, 10, 2)->is_fixed = true;
    fleet_kit_guest(&kit, "other", 0, 10, 2);
    assert_int_equal(loss_of(&kit, 0), FLEET_UNPROTECTED);
    kit.guests[0].may_restart = true;
    assert_int_equal(loss_of(&kit, 0), FLEET_SAFE);
    /* and makes no room for others: nobody else could */
    fleet_kit_new(&kit, 3, 10);
    fleet_kit_allow(&kit, fleet_kit_guest(&kit, "lost", 0, 10, 10), "ab");
    fleet_kit_guest(&kit, "cold", 1, 10, 2)->is_fixed = true;
    kit.guests[1].may_restart = true;
    assert_int_equal(loss_of(&kit, 0), FLEET_UNPROTECTED);
    kit.guests[1].is_fixed = false;
    assert_int_equal(loss_of(&kit, 0), FLEET_WITH_MOVES);
}

/* As who has to be beside a resource that is on its host, and would follow it. */
static void who_is_bound_to_its_host_may_leave_a_lost_one(void **state)
{
    static const bool anywhere[FLEET_KIT_HOSTS] = {true, true, true};
    struct fleet_kit kit;
    struct err err;

    (void)state;
    fleet_kit_new(&kit, 3, 10);
    fleet_kit_allow(&kit, fleet_kit_guest(&kit, "bound", 0, 10, 2), "a");
    fleet_kit_allow(&kit, fleet_kit_guest(&kit, "free", 0, 10, 10), "ac");
    assert_int_equal(loss_of(&kit, 0), FLEET_UNPROTECTED);
    kit.guests[0].restart = anywhere;
    assert_int_equal(loss_of(&kit, 0), FLEET_SAFE);
    /* it makes no room for others: its own host is not lost */
    kit.guests[0].home = 2;
    fleet_kit_allow(&kit, &kit.guests[0], "c");
    assert_int_equal(loss_of(&kit, 0), FLEET_UNPROTECTED);
    assert_int_equal(loss_of(&kit, 2), FLEET_SAFE);
    /* nobody knows, and nothing is said of the others by that */
    kit.guests[0].why_unjudged = "nobody knows";
    assert_int_equal(loss_of(&kit, 2), FLEET_NOT_JUDGED);
    assert_int_equal(fleet_look(&kit.fleet, &kit.settings, &kit.plan, &err), 0);
    assert_int_equal(kit.plan.n1_before[2].n_unprotected, 0);
    assert_int_equal(kit.plan.n1_before[2].n_unjudged, 1);
    assert_int_equal(kit.plan.n1_before[2].unjudged[0], 0);
    fleet_plan_done(&kit.plan);
    kit.guests[0].is_fixed = true;
    assert_int_equal(loss_of(&kit, 2), FLEET_UNPROTECTED);
}

static void a_lost_host_lets_go_who_is_bound_to_it(void **state)
{
    static const bool elsewhere[FLEET_KIT_HOSTS] = {false, true, false};
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 10);
    fleet_kit_allow(&kit, fleet_kit_guest(&kit, "bound", 0, 10, 2), "a");
    kit.guests[0].restart = elsewhere;
    fleet_kit_allow(&kit, fleet_kit_guest(&kit, "unjudged", 0, 10, 2), "a");
    kit.guests[1].why_unjudged = "nobody knows";
    fleet_close_host(&kit.fleet, 0, FLEET_LOST);
    fleet_kit_plan(&kit);
    assert_string_equal(fleet_kit_host(&kit, "bound"), "b");
    assert_string_equal(fleet_kit_host(&kit, "unjudged"), "-");
    assert_string_equal(kit.guests[1].why_fixed, "nobody knows");
    fleet_plan_done(&kit.plan);
}

static void with_a_lost_host_they_are_started_elsewhere(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    fleet_kit_guest(&kit, "cold", 0, 10, 2)->is_fixed = true;
    kit.guests[0].may_restart = true;
    fleet_kit_guest(&kit, "unmanaged", 0, 10, 2)->is_fixed = true;
    fleet_close_host(&kit.fleet, 0, FLEET_LOST);
    fleet_kit_plan(&kit);
    assert_string_equal(fleet_kit_host(&kit, "cold"), "b");
    assert_string_equal(fleet_kit_host(&kit, "unmanaged"), "-");
    fleet_plan_done(&kit.plan);
}

/* x lives on a, y on b: in each bin the other one has to move. */
static void a_set_that_runs_apart_costs_what_its_guests_cost(void **state)
{
    struct packing_question question;
    struct fleet_kit kit;
    struct items items;
    struct err err;

    (void)state;
    fleet_kit_new(&kit, 3, 20);
    fleet_kit_guest(&kit, "x", 0, 10, 3)->together = 0;
    fleet_kit_guest(&kit, "y", 1, 10, 6)->together = 0;
    assert_int_equal(items_new(&kit.fleet, NULL, false, &items, &err), 0);
    assert_int_equal(packing_question_new(&items, items.runs_at, PACKING_PLAN, &question), 0);
    assert_non_null(question.problem.price_in);
    assert_int_equal(question.problem.price_in[0], 7);
    assert_int_equal(question.problem.price_in[1], 4);
    assert_int_equal(question.problem.price_in[2], 11);
    packing_question_done(&question);
    items_done(&items);
}

/* What the search claims and a solver denies is no bound. */
static void a_denied_bound_is_none(void **state)
{
    int start[] = {1, 0}, found[] = {0, 0};
    const struct slice slice = {
        .problem = {.n_items = 2, .n_bins = 2, .start = start}, .n = 2, .m = 2};
    struct slice_answer answer = {
        .bin_of = found, .bound = 7, .is_proven = true, .method = PLACEMENT_METHOD_MASTER};
    struct placement_answer given = {.verdict = ANSWER_CONTRADICTS, .why = "both cannot be"};

    (void)state;
    slice_take_answer(&slice, &given, &answer);
    assert_true(answer.is_contradicted && !answer.is_proven);
    assert_true(answer.bound == 0);
    assert_int_equal(answer.method, PLACEMENT_METHOD_LOCAL_SEARCH);
    assert_int_equal(found[0], 1);
    assert_string_equal(answer.why, "both cannot be");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(together_and_apart),
        cmocka_unit_test(together_without_a_host_for_both),
        cmocka_unit_test(together_and_larger_than_every_host),
        cmocka_unit_test(fixed_on_different_hosts),
        cmocka_unit_test(apart_on_the_only_host),
        cmocka_unit_test(the_stopped_stay_so_with_the_reason),
        cmocka_unit_test(a_look_names_the_conflict_too),
        cmocka_unit_test(the_present_is_the_same_to_all),
        cmocka_unit_test(each_guest_of_a_set_is_a_move),
        cmocka_unit_test(who_cannot_be_moved_may_be_restarted),
        cmocka_unit_test(who_is_bound_to_its_host_may_leave_a_lost_one),
        cmocka_unit_test(a_lost_host_lets_go_who_is_bound_to_it),
        cmocka_unit_test(with_a_lost_host_they_are_started_elsewhere),
        cmocka_unit_test(a_denied_bound_is_none),
        cmocka_unit_test(a_set_that_runs_apart_costs_what_its_guests_cost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
