/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans of small fleets, beside all placements that there are. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/fleet_fixture.h"

static void balanced_hosts_are_left_alone(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 100);
    fleet_kit_guest(&kit, "g1", 0, 20, 3);
    fleet_kit_guest(&kit, "g2", 1, 20, 3);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_NOTHING);
    assert_int_equal(kit.plan.n_moves, 0);
    assert_int_equal(kit.plan.status, SOLVE_OPTIMAL);
    assert_true(kit.plan.hold_objective == 0);
    fleet_plan_done(&kit.plan);
}

static void a_full_host_lets_the_cheapest_go(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 100);
    fleet_kit_guest(&kit, "dear", 0, 20, 30);
    fleet_kit_guest(&kit, "cheap", 0, 20, 3);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_MOVES);
    assert_string_equal(fleet_kit_host(&kit, "cheap"), "b");
    assert_string_equal(fleet_kit_host(&kit, "dear"), "a");
    assert_int_equal(kit.plan.price, 4);
    assert_true(fabs(kit.plan.before.plain_pct - 20) < 1e-9);
    assert_true(kit.plan.after.plain_pct < 1e-9);
    assert_string_equal(
        fleet_kit_move(&kit, "cheap")->reason,
        "'a' carries 40 % of its CPU, 20 % after all moves; the fair share is 20 %");
    fleet_plan_done(&kit.plan);
}

static void nothing_moves_that_is_not_worth_it(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 2000);
    fleet_kit_guest(&kit, "g1", 0, 20, 600);
    fleet_kit_guest(&kit, "g2", 0, 1, 600);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_NOTHING);
    assert_int_equal(kit.plan.status, SOLVE_OPTIMAL);
    fleet_plan_done(&kit.plan);
    kit.settings.point_prices = 1;
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_MOVES);
    fleet_plan_done(&kit.plan);
}

static void guests_leave_a_closed_host(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 10);
    fleet_kit_guest(&kit, "g1", 0, 10, 6);
    fleet_kit_guest(&kit, "g2", 1, 10, 6);
    fleet_kit_guest(&kit, "g3", 0, 10, 3);
    fleet_close_host(&kit.fleet, 0, FLEET_MAINTENANCE);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.n_stopped, 0);
    assert_string_equal(fleet_kit_host(&kit, "g1"), "c");
    assert_string_equal(fleet_kit_move(&kit, "g1")->reason, "'a' is closed: maintenance");
    assert_int_equal(fleet_kit_move(&kit, "g1")->cost, 7);
    assert_true(isinf(kit.plan.hold_objective));
    assert_int_equal(kit.plan.n_n1, 2);
    fleet_plan_done(&kit.plan);
}

static void who_cannot_leave_is_told(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    fleet_kit_guest(&kit, "g1", 0, 10, 6);
    fleet_kit_guest(&kit, "g2", 1, 10, 6);
    fleet_close_host(&kit.fleet, 0, FLEET_MAINTENANCE);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_NOTHING);
    assert_int_equal(kit.plan.n_stopped, 1);
    assert_int_equal(kit.plan.least_stopped, 1);
    assert_true(kit.plan.stopped[0].must_leave);
    assert_non_null(strstr(kit.plan.stopped[0].reason, "'a' is closed (maintenance)"));
    assert_string_equal(fleet_kit_host(&kit, "g2"), "b");
    fleet_plan_done(&kit.plan);
}

static void after_a_loss_all_are_started_with_the_cheapest_moves(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 10);
    fleet_kit_guest(&kit, "lost", 0, 10, 8);
    fleet_kit_guest(&kit, "b1", 1, 10, 4);
    fleet_kit_guest(&kit, "b2", 1, 10, 2);
    fleet_kit_guest(&kit, "c1", 2, 10, 5);
    fleet_close_host(&kit.fleet, 0, FLEET_LOST);
    assert_int_equal(kit.guests[0].home, FLEET_NOWHERE);
    kit.settings.point_prices = 0;
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.n_stopped, 0);
    assert_int_equal(kit.plan.n_starts, 1);
    assert_string_equal(fleet_kit_host(&kit, "lost"), "b");
    /* b1 for 5, as c takes both b1 and c1: b2 alone makes no room, c1 would cost 6 and not fit */
    assert_int_equal(kit.plan.price, 5);
    assert_int_equal(kit.plan.status, SOLVE_OPTIMAL);
    assert_int_equal(fleet_kit_move(&kit, "lost")->cost, 0);
    assert_non_null(strstr(fleet_kit_move(&kit, "b1")->reason, "makes room on 'b' for 'lost'"));
    fleet_plan_done(&kit.plan);
}

static void a_set_moves_as_one_and_pays_for_each(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 100);
    fleet_kit_guest(&kit, "one", 0, 10, 9)->together = 0;
    fleet_kit_guest(&kit, "two", 1, 10, 3)->together = 0;
    fleet_kit_plan(&kit);
    assert_string_equal(fleet_kit_host(&kit, "one"), "a");
    assert_string_equal(fleet_kit_host(&kit, "two"), "a");
    assert_int_equal(kit.plan.price, 4);
    assert_string_equal(fleet_kit_move(&kit, "two")->reason, "it is to be together with 'one'");
    fleet_plan_done(&kit.plan);
}

static void overfull_hosts_are_mended_or_left(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    fleet_kit_guest(&kit, "g1", 0, 10, 6);
    fleet_kit_guest(&kit, "g2", 0, 10, 6);
    fleet_kit_guest(&kit, "g3", 1, 10, 2);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.n_moves, 1);
    assert_non_null(strstr(kit.plan.moves[0].reason, "take more memory than it has"));
    fleet_plan_done(&kit.plan);
    kit.size[2] = 10;
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_NOTHING);
    assert_int_equal(kit.plan.n_stopped, 0);
    assert_non_null(strstr(kit.plan.note, "overfull stay so"));
    fleet_plan_done(&kit.plan);
}

/* What leaves a host that stays overfull cannot come back to it. */
static void an_overfull_host_takes_nobody_after_a_loss(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    fleet_kit_allow(&kit, fleet_kit_guest(&kit, "g1", 0, 10, 6), "a");
    fleet_kit_allow(&kit, fleet_kit_guest(&kit, "g2", 0, 10, 6), "a");
    fleet_kit_guest(&kit, "g3", 0, 10, 2);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_MOVES);
    assert_string_equal(fleet_kit_host(&kit, "g3"), "b");
    assert_int_equal(kit.plan.n1[1].answer, FLEET_UNPROTECTED);
    assert_int_equal(kit.plan.n1[1].n_unprotected, 1);
    fleet_plan_done(&kit.plan);
}

static void draw(struct fleet_kit *kit, uint64_t *random)
{
    static const char *const names[] = {"g1", "g2", "g3", "g4", "g5", "g6", "g7"};
    int room[3] = {12, 12, 12};

    fleet_kit_new(kit, 3, 12);
    for (int k = 0; k < 7; k++) {
        int size = 1 + (int)(fleet_kit_dice(random) % 4), home = (int)(fleet_kit_dice(random) % 3);
        struct fleet_guest *guest;

        if (room[home] < size)
            continue;
        room[home] -= size;
        guest = fleet_kit_guest(kit, names[k], home, 2 + (int)(fleet_kit_dice(random) % 12), size);
        if (fleet_kit_dice(random) % 4 == 0)
            fleet_kit_allow(kit, guest, (const char *const[]){"ab", "bc", "ac"}[home]);
    }
    if (kit->fleet.n_guests > 4) {
        fleet_kit_apart(kit, &kit->guests[0], &kit->guests[1]);
        if (fleet_kit_dice(random) % 2)
            kit->guests[2].together = kit->guests[3].together = 0;
        if (fleet_kit_dice(random) % 3 == 0)
            kit->guests[4].is_fixed = kit->guests[4].allowed == NULL;
    }
}

/* Loads are small enough that none is cut. */
static void plans_are_the_best_of_all_placements(void **state)
{
    uint64_t random = 7;
    int proven = 0;

    (void)state;
    for (int k = 0; k < 60; k++) {
        struct fleet_kit kit;
        double optimum;

        draw(&kit, &random);
        fleet_kit_plan(&kit);
        if (kit.plan.verdict <= FLEET_PLAN_NOTHING && kit.plan.n_stopped == 0) {
            optimum = fleet_kit_optimum(&kit, kit.plan.kappa);
            assert_true(fabs(kit.plan.objective - optimum) < 1e-6 || kit.plan.gap > 0);
            assert_true(kit.plan.bound <= optimum + 1e-6);
            proven += kit.plan.status == SOLVE_OPTIMAL;
        }
        fleet_plan_done(&kit.plan);
    }
    assert_true(proven >= 50);
}

static void the_order_of_the_document_does_not_matter(void **state)
{
    uint64_t random = 11;

    (void)state;
    for (int k = 0; k < 10; k++) {
        struct fleet_kit kit, turned;
        size_t n;

        draw(&kit, &random);
        kit.fleet.n_apart = 0;
        fleet_kit_plan(&kit);
        turned = kit;
        turned.fleet.guests = turned.guests;
        turned.fleet.hosts = turned.hosts;
        n = kit.fleet.n_guests;
        for (size_t i = 0; i < n; i++)
            turned.guests[i] = kit.guests[n - 1 - i];
        fleet_kit_plan(&turned);
        assert_int_equal(turned.plan.n_moves, kit.plan.n_moves);
        for (size_t i = 0; i < kit.plan.n_moves; i++) {
            assert_int_equal(turned.plan.moves[i].guest, n - 1 - kit.plan.moves[i].guest);
            assert_int_equal(turned.plan.moves[i].to, kit.plan.moves[i].to);
        }
        fleet_plan_done(&turned.plan);
        fleet_plan_done(&kit.plan);
    }
}

static void moves_are_limited_with_an_honest_bound(void **state)
{
    static const char *const names[] = {"g1", "g2", "g3", "g4", "g5", "g6"};
    struct fleet_kit kit;
    double free_objective;

    (void)state;
    fleet_kit_new(&kit, 3, 100);
    for (int k = 0; k < 6; k++)
        fleet_kit_guest(&kit, names[k], 0, 10, 4);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.n_moves, 4);
    free_objective = kit.plan.objective;
    fleet_plan_done(&kit.plan);
    kit.settings.max_moves = 2;
    fleet_kit_plan(&kit);
    assert_true(kit.plan.n_moves <= 2);
    assert_true(kit.plan.objective > free_objective);
    assert_true(kit.plan.bound <= kit.plan.objective);
    fleet_plan_done(&kit.plan);
}

/* Three have to move, whatever the limit: its bound is about plans that do not exist. */
static void a_limit_that_cannot_be_kept_proves_nothing(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 14);
    kit.room[0] = 11;
    kit.room[1] = 10;
    fleet_kit_guest(&kit, "g1", 2, 6, 3)->together = 0;
    fleet_kit_allow(&kit, fleet_kit_guest(&kit, "g2", 2, 36, 1), "bc");
    fleet_kit_allow(&kit, fleet_kit_guest(&kit, "g3", 0, 18, 2), "b");
    fleet_kit_guest(&kit, "g4", 2, 28, 2);
    fleet_kit_allow(&kit, fleet_kit_guest(&kit, "g5", 2, 4, 6), "ab");
    fleet_kit_guest(&kit, "g6", 1, 8, 1)->together = 0;
    kit.guests[5].price = FLEET_MOST_PRICE;
    kit.settings.max_moves = 1;
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.n_moves, 3);
    assert_true(kit.plan.bound <= fleet_kit_optimum(&kit, kit.plan.kappa) + 1e-6);
    fleet_plan_done(&kit.plan);
}

static void numbers_without_sense_are_refused(void **state)
{
    struct fleet_kit kit;
    struct err err = {0};

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    fleet_kit_guest(&kit, "g1", 5, 10, 1);
    assert_int_equal(fleet_plan_make(&kit.fleet, &kit.settings, &kit.plan, &err), -EINVAL);
    kit.guests[0].home = 0;
    kit.guests[0].price = 0;
    assert_int_equal(fleet_plan_make(&kit.fleet, &kit.settings, &kit.plan, &err), -EINVAL);
    kit.guests[0].price = 1;
    kit.size[0] = -1;
    assert_int_equal(fleet_plan_make(&kit.fleet, &kit.settings, &kit.plan, &err), -EINVAL);
    kit.size[0] = 1;
    kit.hosts[0].cpu_milli = 0;
    assert_int_equal(fleet_plan_make(&kit.fleet, &kit.settings, &kit.plan, &err), -EINVAL);
    kit.hosts[0].cpu_milli = 1;
    kit.hosts[1].name = "a";
    assert_int_equal(fleet_plan_make(&kit.fleet, &kit.settings, &kit.plan, &err), -EINVAL);
    assert_string_equal(err.text, "two hosts are called 'a'");
}

static void empty_fleets_have_nothing_to_do(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 2, 10);
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.verdict, FLEET_PLAN_NOTHING);
    fleet_plan_done(&kit.plan);
    fleet_kit_guest(&kit, "g1", FLEET_NOWHERE, 10, 1);
    kit.hosts[0].is_open = kit.hosts[1].is_open = false;
    fleet_kit_plan(&kit);
    assert_int_equal(kit.plan.n_stopped, 1);
    fleet_plan_done(&kit.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balanced_hosts_are_left_alone),
        cmocka_unit_test(a_full_host_lets_the_cheapest_go),
        cmocka_unit_test(nothing_moves_that_is_not_worth_it),
        cmocka_unit_test(guests_leave_a_closed_host),
        cmocka_unit_test(who_cannot_leave_is_told),
        cmocka_unit_test(after_a_loss_all_are_started_with_the_cheapest_moves),
        cmocka_unit_test(a_set_moves_as_one_and_pays_for_each),
        cmocka_unit_test(overfull_hosts_are_mended_or_left),
        cmocka_unit_test(an_overfull_host_takes_nobody_after_a_loss),
        cmocka_unit_test(plans_are_the_best_of_all_placements),
        cmocka_unit_test(the_order_of_the_document_does_not_matter),
        cmocka_unit_test(moves_are_limited_with_an_honest_bound),
        cmocka_unit_test(a_limit_that_cannot_be_kept_proves_nothing),
        cmocka_unit_test(numbers_without_sense_are_refused),
        cmocka_unit_test(empty_fleets_have_nothing_to_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
