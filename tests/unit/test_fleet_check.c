/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate: a plan that is right passes, and each rule that is broken by hand is seen. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/fleet/check.h"
#include "tests/unit/fleet_fixture.h"

/* Four on a, who are evened out; one that is fixed on b, one that is stopped and starts, one for whom
 * there is no room. */
static int up(void **state)
{
    struct fleet_kit *kit = malloc(sizeof(*kit));

    assert_non_null(kit);
    fleet_kit_new(kit, 3, 20);
    fleet_kit_guest(kit, "g1", 0, 10, 4);
    fleet_kit_guest(kit, "g2", 0, 10, 4);
    fleet_kit_guest(kit, "g3", 0, 10, 4);
    fleet_kit_guest(kit, "g4", 0, 10, 4);
    fleet_kit_guest(kit, "fixed", 1, 10, 4)->is_fixed = true;
    fleet_kit_guest(kit, "starts", FLEET_NOWHERE, 10, 4);
    fleet_kit_guest(kit, "huge", FLEET_NOWHERE, 10, 50);
    fleet_kit_guest(kit, "t1", 1, 2, 1)->together = 0;
    fleet_kit_guest(kit, "t2", 1, 2, 1)->together = 0;
    fleet_kit_allow(kit, &kit->guests[0], "ab");
    fleet_kit_apart(kit, &kit->guests[0], &kit->guests[1]);
    fleet_kit_plan(kit);
    assert_int_equal(kit->plan.verdict, FLEET_PLAN_MOVES);
    assert_true(kit->plan.n_moves > kit->plan.n_starts);
    *state = kit;
    return 0;
}

static int down(void **state)
{
    struct fleet_kit *kit = *state;

    fleet_plan_done(&kit->plan);
    free(kit);
    return 0;
}

static void refuses(const struct fleet_kit *kit, const char *why)
{
    struct err err = {0};

    assert_int_equal(fleet_check(&kit->fleet, &kit->settings, &kit->plan, &err), -EINVAL);
    if (!strstr(err.text, why))
        fail_msg("it said: %s", err.text);
}

static void a_right_plan_passes(void **state)
{
    struct fleet_kit *kit = *state;

    assert_int_equal(fleet_check(&kit->fleet, &kit->settings, &kit->plan, NULL), 0);
}

static void places_are_looked_at(void **state)
{
    struct fleet_kit *kit = *state;
    int *at = kit->plan.host_of, old = at[4];

    at[4] = 2;
    refuses(kit, "'fixed' is fixed and would change");
    at[4] = old;
    old = at[0];
    at[0] = 2;
    refuses(kit, "'g1' may not be on host 'c'");
    at[0] = FLEET_NOWHERE;
    refuses(kit, "'g1' runs where it may and would be stopped");
    at[0] = old;
    kit->hosts[at[1]].is_open = false;
    refuses(kit, "host that is not open");
}

static void rooms_are_counted(void **state)
{
    struct fleet_kit *kit = *state;

    kit->room[kit->plan.host_of[5]] = 5;
    refuses(kit, "has room for 5 of memory");
}

static void apart_and_together_are_looked_at(void **state)
{
    struct fleet_kit *kit = *state;
    int *at = kit->plan.host_of, old = at[1];

    at[1] = at[0];
    refuses(kit, "are to be apart");
    at[1] = old;
    at[7] = (at[8] + 1) % 3;
    refuses(kit, "are to be together");
}

static void moves_are_the_difference(void **state)
{
    struct fleet_kit *kit = *state;
    struct fleet_move *move = &kit->plan.moves[0], old = *move;

    move->to = 0;
    refuses(kit, "its move is not where it goes");
    *move = old;
    move->cost++;
    refuses(kit, "its move costs");
    *move = old;
    kit->plan.price++;
    refuses(kit, "a price of");
    kit->plan.price--;
    kit->plan.n_moves--;
    refuses(kit, "changes");
    kit->plan.n_moves++;
    kit->plan.moves[0] = kit->plan.moves[1];
    refuses(kit, "out of order");
    *move = old;
    kit->plan.verdict = FLEET_PLAN_NOTHING;
    refuses(kit, "verdict nothing");
}

static void more_moves_than_the_limit_have_to_be(void **state)
{
    struct fleet_kit *kit = *state;

    kit->settings.max_moves = kit->plan.n_moves - kit->plan.n_starts;
    assert_int_equal(fleet_check(&kit->fleet, &kit->settings, &kit->plan, NULL), 0);
    kit->settings.max_moves--;
    refuses(kit, "guests would be moved, more than");
    kit->hosts[0].is_open =
        false; /* all have to leave, and the rest of the plan is no longer right */
    refuses(kit, "that is not open");
}

static void the_present_is_counted_again(void **state)
{
    struct fleet_kit *kit = *state;

    kit->plan.before.plain_pct += 0.01;
    refuses(kit, "does not deviate by");
}

static void who_is_at_odds_stays_and_has_rules(void **state)
{
    struct fleet_kit *kit = *state;
    struct fleet_move *move = &kit->plan.moves[0];

    kit->plan.is_at_odds[2] = true;
    for (size_t k = 0; k < kit->plan.n_moves; k++)
        if (kit->plan.moves[k].guest == 2)
            move = NULL;
    refuses(kit, move ? "'g3' has no rules" : "the rules of 'g3' cannot be kept");
}

static void stopped_guests_are_told(void **state)
{
    struct fleet_kit *kit = *state;

    assert_int_equal(kit->plan.n_stopped, 1);
    kit->plan.n_stopped = 0;
    refuses(kit, "1 guests are stopped");
    kit->plan.n_stopped = 1;
    kit->plan.least_stopped = 2;
    refuses(kit, "at least 2");
    kit->plan.least_stopped = 1;
    kit->plan.stopped[0].guest = 0;
    refuses(kit, "'g1' is told to be stopped");
}

static void values_are_counted_again(void **state)
{
    struct fleet_kit *kit = *state;
    struct fleet_plan *plan = &kit->plan;

    plan->after.cut_pct += 0.01;
    refuses(kit, "the largest deviation is");
    plan->after.cut_pct -= 0.01;
    plan->after.plain_pct += 0.01;
    refuses(kit, "does not deviate by");
    plan->after.plain_pct -= 0.01;
    plan->kappa++;
    refuses(kit, "a point is worth");
    plan->kappa--;
    plan->objective += 0.5;
    refuses(kit, "the plan is worth");
    plan->objective -= 0.5;
    plan->bound = plan->objective + 1;
    refuses(kit, "below its bound");
    plan->bound = plan->objective;
    plan->hold_objective = plan->objective - 1;
    refuses(kit, "and changing nothing");
    plan->hold_objective = plan->objective + 1;
    plan->gap = 0.5;
    refuses(kit, "a gap of");
    plan->gap = 0;
    plan->status = SOLVE_FEASIBLE;
    refuses(kit, "a gap of");
}

static void losses_are_counted_again(void **state)
{
    struct fleet_kit *kit = *state;
    struct fleet_n1 *n1 = &kit->plan.n1[0];
    size_t guest = 4;

    kit->plan.n_n1--;
    refuses(kit, "the loss of 2 hosts");
    kit->plan.n_n1++;
    assert_int_equal(n1->answer, FLEET_SAFE);
    free(n1->unprotected);
    n1->unprotected = &guest;
    n1->n_unprotected = 1;
    refuses(kit, "is safe, with 1 guests");
    n1->answer = FLEET_UNPROTECTED;
    refuses(kit, "a guest that is not on host 'a'");
    n1->unprotected = NULL;
    n1->n_unprotected = 0;
    n1->answer = FLEET_NOT_JUDGED;
    refuses(kit, "is not-judged, with 0 guests");
    free(n1->unjudged);
    n1->unjudged = &guest;
    n1->n_unjudged = 1;
    refuses(kit, "a guest that is not on host 'a' is not judged");
    n1->answer = FLEET_SAFE;
    refuses(kit, "is safe, with 0 guests");
    n1->unjudged = NULL;
    n1->n_unjudged = 0;
    /* g1 takes all that two of the others have left, and more than one of them */
    for (size_t i = 1; i < kit->fleet.n_guests; i++)
        kit->size[i] = 0;
    kit->size[0] = 18;
    for (size_t p = 0; p < 3; p++)
        kit->room[p] = (int)p == kit->plan.host_of[0] ? 18 : 10;
    for (size_t k = 0; k < 3; k++) {
        kit->plan.n1[k].answer = FLEET_SAFE;
        kit->plan.n1[k].n_unprotected = 0;
    }
    refuses(kit, "fits nowhere");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_right_plan_passes, up, down),
        cmocka_unit_test_setup_teardown(places_are_looked_at, up, down),
        cmocka_unit_test_setup_teardown(rooms_are_counted, up, down),
        cmocka_unit_test_setup_teardown(apart_and_together_are_looked_at, up, down),
        cmocka_unit_test_setup_teardown(moves_are_the_difference, up, down),
        cmocka_unit_test_setup_teardown(more_moves_than_the_limit_have_to_be, up, down),
        cmocka_unit_test_setup_teardown(the_present_is_counted_again, up, down),
        cmocka_unit_test_setup_teardown(who_is_at_odds_stays_and_has_rules, up, down),
        cmocka_unit_test_setup_teardown(stopped_guests_are_told, up, down),
        cmocka_unit_test_setup_teardown(values_are_counted_again, up, down),
        cmocka_unit_test_setup_teardown(losses_are_counted_again, up, down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
