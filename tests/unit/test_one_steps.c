/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/one/decide.h"
#include "agent/one/steps.h"
#include "tests/unit/fleet_fixture.h"

static const struct one_limits many = {.per_host = 100, .per_cluster = 100, .per_plan = SIZE_MAX};

/* A plan that the test makes itself: guest k goes to hosts[k], "-": stays. */
static void plan_of(struct fleet_kit *kit, const char *hosts, struct fleet_plan *ret)
{
    *ret = (struct fleet_plan){.n_guests = kit->fleet.n_guests};
    ret->host_of = calloc(kit->fleet.n_guests, sizeof(*ret->host_of));
    ret->moves = calloc(kit->fleet.n_guests, sizeof(*ret->moves));
    for (size_t i = 0; i < kit->fleet.n_guests; i++) {
        int home = kit->guests[i].home, to = hosts[i] == '-' ? home : hosts[i] - 'a';

        ret->host_of[i] = to;
        if (to != home)
            ret->moves[ret->n_moves++] = (struct fleet_move){.guest = i, .from = home, .to = to};
    }
}

static void assert_taken(struct fleet_kit *kit, const char *hosts, const struct one_limits *limits,
                         const char *taken)
{
    struct fleet_plan plan;
    struct one_steps steps;

    plan_of(kit, hosts, &plan);
    assert_int_equal(one_steps_choose(&kit->fleet, &plan, limits, INFINITY, &steps), 0);
    assert_int_equal(plan.n_moves, strlen(taken));
    for (size_t k = 0; k < plan.n_moves; k++)
        assert_int_equal(steps.is_taken[k], taken[k] == '1');
    assert_int_equal(steps.n_taken + steps.n_no_room + steps.n_limited, plan.n_moves);
    one_steps_done(&steps);
    fleet_plan_done(&plan);
}

static size_t rounds_of(struct fleet_kit *kit, const char *hosts, double most_pct, const char *made)
{
    struct fleet_plan plan;
    struct one_steps steps;
    size_t rounds;

    plan_of(kit, hosts, &plan);
    assert_int_equal(one_steps_rounds(&kit->fleet, &plan, &many, most_pct, &steps, &rounds), 0);
    assert_int_equal(plan.n_moves, strlen(made));
    for (size_t k = 0; k < plan.n_moves; k++)
        assert_int_equal(steps.is_taken[k], made[k] == '1');
    one_steps_done(&steps);
    fleet_plan_done(&plan);
    return rounds;
}

static int check(struct fleet_kit *kit, const char *hosts, const struct one_limits *limits,
                 const char *says)
{
    size_t order[FLEET_KIT_GUESTS];
    struct fleet_plan plan;
    struct err err = {0};
    int r;

    plan_of(kit, hosts, &plan);
    assert_int_equal(one_steps_order(&kit->fleet, &plan, order), 0);
    r = one_steps_check(&kit->fleet, &plan, order, limits, &err);
    if (says && !strstr(err.text, says))
        fail_msg("'%s' and not '%s'", err.text, says);
    fleet_plan_done(&plan);
    return r;
}

/* Two guests that change places: each would fit once the other has gone, and none before. */
static void no_move_counts_on_another(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 10);
    fleet_kit_guest(&kit, "p", 0, 60, 7);
    fleet_kit_guest(&kit, "q", 1, 20, 6);
    fleet_kit_guest(&kit, "r", 0, 20, 2);
    assert_taken(&kit, "bac", &many, "001");
    assert_int_equal(check(&kit, "ba-", NULL, "while VM 'p' comes"), -EINVAL);
    assert_int_equal(check(&kit, "--c", NULL, NULL), 0);
    /* Where one has left, the other still counts on that. */
    assert_taken(&kit, "bc-", &many, "01");
    assert_int_equal(check(&kit, "bc-", NULL, "while VM 'p' comes"), -EINVAL);
}

static void limits_hold_for_each_target_and_in_all(void **state)
{
    struct one_limits limits = {.per_host = 2, .per_cluster = 3, .per_plan = 4};
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 4, 100);
    fleet_kit_guest(&kit, "p", 0, 10, 1);
    fleet_kit_guest(&kit, "q", 0, 20, 1);
    fleet_kit_guest(&kit, "r", 0, 15, 1);
    fleet_kit_guest(&kit, "s", 0, 5, 1);
    assert_taken(&kit, "bbbc", &limits,
                 "1101"); /* r would be the third of its target that evens out least */
    limits.per_cluster = 2;
    assert_taken(&kit, "bbbc", &limits, "0101");
    assert_int_equal(check(&kit, "bbb-", &limits, "limit"), -EINVAL);
    assert_int_equal(check(&kit, "bcd-", &limits, "limit"), -EINVAL);
    assert_int_equal(check(&kit, "bb--", &limits, NULL), 0);
}

static void who_is_together_moves_together(void **state)
{
    struct one_limits limits = {.per_host = 1, .per_cluster = 1, .per_plan = 2};
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 10);
    fleet_kit_guest(&kit, "p", 0, 30, 4)->together = 0;
    fleet_kit_guest(&kit, "q", 0, 10, 2);
    fleet_kit_guest(&kit, "r", 0, 30, 4)->together = 0;
    assert_taken(&kit, "b-b", &limits, "11");
    assert_int_equal(check(&kit, "b-b", &limits, NULL), 0);
    assert_taken(&kit, "bbb", &limits, "101");
    limits.per_plan = 1;
    assert_taken(&kit, "b-b", &limits, "00");
    assert_int_equal(check(&kit, "b-b", &limits, "of a plan"), -EINVAL);
    fleet_kit_guest(&kit, "s", 1, 0, 5);
    assert_taken(&kit, "b-b-", &many, "00");
}

static void nobody_comes_beside_whom_he_is_apart_from(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 100);
    fleet_kit_guest(&kit, "p", 0, 30, 1);
    fleet_kit_guest(&kit, "q", 1, 10, 1);
    fleet_kit_apart(&kit, &kit.guests[0], &kit.guests[1]);
    assert_taken(&kit, "bc", &many, "01");
    assert_int_equal(check(&kit, "bc", NULL, "apart"), -EINVAL);
    assert_int_equal(check(&kit, "c-", NULL, NULL), 0);
}

static void targets_take_turns(void **state)
{
    size_t order[4];
    struct fleet_plan plan;
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 100);
    for (int k = 0; k < 4; k++)
        fleet_kit_guest(&kit, (const char *[]){"p", "q", "r", "s"}[k], 0, 10, 1);
    plan_of(&kit, "bbbc", &plan);
    assert_int_equal(one_steps_order(&kit.fleet, &plan, order), 0);
    assert_int_equal(order[0], 0);
    assert_int_equal(order[1], 3);
    assert_int_equal(order[2], 1);
    assert_int_equal(order[3], 2);
    fleet_plan_done(&plan);
}

static void the_gate_knows_moves_that_are_none(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 100);
    fleet_kit_guest(&kit, "p", 0, 30, 1);
    fleet_kit_allow(&kit, &kit.guests[0], "ab");
    assert_int_equal(check(&kit, "c", NULL, "may not"), -EINVAL);
    assert_int_equal(check(&kit, "b", NULL, NULL), 0);
    kit.hosts[1].is_open = false;
    assert_int_equal(check(&kit, "b", NULL, "may not"), -EINVAL);
    kit.hosts[1].is_open = true;
    kit.guests[0].is_fixed = true;
    assert_int_equal(check(&kit, "b", NULL, "may not"), -EINVAL);
}

/* Who waits for room comes in the round after the one that frees it, or never. */
static void rounds_follow_one_another(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 10);
    fleet_kit_guest(&kit, "p", 0, 60, 7);
    fleet_kit_guest(&kit, "q", 1, 20, 6);
    fleet_kit_guest(&kit, "r", 0, 20, 2);
    assert_int_equal(rounds_of(&kit, "bc-", INFINITY, "11"), 2);
    assert_int_equal(rounds_of(&kit, "--c", INFINITY, "1"), 1);
    assert_int_equal(rounds_of(&kit, "bac", INFINITY, "001"), 1);
}

/* The first of two rounds would leave a host idle and another with two thirds of all. */
static void no_round_is_too_uneven(void **state)
{
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 10);
    fleet_kit_guest(&kit, "p", 0, 30, 7);
    fleet_kit_guest(&kit, "q", 1, 30, 6);
    fleet_kit_guest(&kit, "r", 2, 30, 2);
    assert_int_equal(rounds_of(&kit, "bc-", 30.1, "11"), 2);
    assert_int_equal(rounds_of(&kit, "bc-", 29.9, "00"), 0);
}

/* What is decided is better than to change nothing, and can be done at once. */
static void a_decision_is_priced_as_it_is(void **state)
{
    struct one_picture picture = {0};
    struct one_limits limits = {.per_host = 1, .per_cluster = 30, .per_plan = 30};
    struct one_decision decision;
    struct err err = {0};
    struct fleet_kit kit;

    (void)state;
    fleet_kit_new(&kit, 3, 100);
    for (int k = 0; k < 6; k++)
        fleet_kit_guest(&kit, (const char *[]){"p", "q", "r", "s", "t", "u"}[k], 0, 15, 1);
    picture.cluster.fleet = kit.fleet;
    assert_int_equal(one_decide(&picture, ONE_OPTIMIZE, &limits, &decision, &err), 0);
    assert_int_equal(decision.plan.n_moves, 2);
    assert_int_equal(decision.whole_moves, 4);
    assert_int_equal(decision.n_limited, 2);
    assert_true(decision.plan.objective < decision.plan.hold_objective);
    assert_true(decision.plan.objective >= decision.whole_objective - 1e-6);
    one_decision_done(&decision);
    limits.per_plan = 0;
    assert_int_equal(one_decide(&picture, ONE_OPTIMIZE, &limits, &decision, &err), 0);
    assert_int_equal(decision.plan.n_moves, 0);
    one_decision_done(&decision);
    limits.per_plan = 1;
    assert_int_equal(one_decide(&picture, ONE_OPTIMIZE, &limits, &decision, &err), 0);
    assert_int_equal(decision.plan.n_moves, 1);
    one_decision_done(&decision);
    cluster_done(&picture.cluster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_move_counts_on_another),
        cmocka_unit_test(limits_hold_for_each_target_and_in_all),
        cmocka_unit_test(who_is_together_moves_together),
        cmocka_unit_test(nobody_comes_beside_whom_he_is_apart_from),
        cmocka_unit_test(targets_take_turns),
        cmocka_unit_test(the_gate_knows_moves_that_are_none),
        cmocka_unit_test(rounds_follow_one_another),
        cmocka_unit_test(no_round_is_too_uneven),
        cmocka_unit_test(a_decision_is_priced_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
