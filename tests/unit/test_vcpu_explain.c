/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "planner/vcpu/explain.h"
#include "planner/vcpu/speed.h"
#include "tests/unit/guest_fixture.h"

static void plan_after(struct guest_kit *kit, int intervals, struct vcpu_plan *ret)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);

    guest_kit_run(kit, planner, 1.0, intervals);
    guest_kit_pass(kit, 1.0);
    guest_kit_plan(kit, planner, ret);
    vcpu_planner_free(planner);
}

static void load_all(struct guest_kit *kit, int permille)
{
    for (size_t i = 0; i < kit->sample.n_vcpus; i++)
        kit->load_permille[i] = permille;
}

static void a_move_names_load_guest_and_goal(void **state)
{
    struct guest_kit kit;
    struct vcpu_plan plan;

    (void)state;
    guest_kit_all(&kit, 2, 2, "0");
    load_all(&kit, 420);
    plan_after(&kit, 1, &plan);
    assert_int_equal(plan.n_pins, 1);
    assert_string_equal(plan.pins[0].reason, "pCPU 0 carries 84 %: g0/0 (42 %) moves to pCPU 1");
    vcpu_plan_done(&plan);
}

static void the_others_have_their_own_words(void **state)
{
    struct guest_kit kit;
    struct vcpu_plan plan;

    (void)state;
    guest_kit_all(&kit, 2, 1, "0-1");
    load_all(&kit, 420);
    plan_after(&kit, 1, &plan);
    assert_non_null(strstr(plan.pins[0].reason, "g0/0 (42 %) floats: pinned to pCPU"));
    vcpu_plan_done(&plan);

    guest_kit_all(&kit, 2, 1, "7");
    load_all(&kit, 420);
    plan_after(&kit, 1, &plan);
    assert_non_null(strstr(plan.pins[0].reason, "pCPU 7 is offline: g0/0 (42 %) moves"));
    vcpu_plan_done(&plan);

    guest_kit_all(&kit, 3, 2, "1");
    load_all(&kit, 420);
    kit.pcpus[1].use = PCPU_RESERVED;
    plan_after(&kit, 1, &plan);
    assert_non_null(strstr(plan.pins[0].reason, "pCPU 1 is reserved: g0/0 (42 %) moves to pCPU"));
    vcpu_plan_done(&plan);

    guest_kit_all(&kit, 2, 1, "1");
    guest_kit_allow(&kit, 0, "0");
    load_all(&kit, 420);
    plan_after(&kit, 1, &plan);
    assert_non_null(strstr(plan.pins[0].reason, "pCPU 1 is not allowed for g0/0"));
    vcpu_plan_done(&plan);
}

/* Nothing is gained by the exchange but that neither guest shares a pCPU with itself. */
static void who_is_parted_is_named(void **state)
{
    struct vcpu_settings settings;
    struct vcpu_planner *planner;
    struct guest_kit kit;
    struct vcpu_plan plan;

    (void)state;
    vcpu_settings_default(&settings);
    settings.penalty_points = 0.1;
    settings.deadband_points = 0.5;
    settings.confirm_s = 0;
    settings.noise_factor = 0;
    guest_kit_all(&kit, 2, 4, "0");
    for (size_t i = 0; i < 4; i++)
        kit.load_permille[i] = i < 2 ? 400 : 390;
    for (size_t i = 0; i < 4; i++) {
        kit.vcpus[i].guest = kit.vcpus[i & 2].guest;
        kit.vcpus[i].vcpu = i % 2;
        guest_kit_pin(&kit, i, i < 2 ? "0" : "1");
    }
    planner = guest_kit_planner(&settings);
    guest_kit_run(&kit, planner, 1.0, 1);
    guest_kit_pass(&kit, 1.0);
    guest_kit_plan(&kit, planner, &plan);
    assert_int_equal(plan.n_pins, 2);
    assert_non_null(strstr(plan.pins[0].reason, " too: g0/"));
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

static void what_is_left_alone_is_named(void **state)
{
    struct guest_kit kit;
    struct vcpu_plan plan;

    (void)state;
    guest_kit_all(&kit, 2, 3, "0");
    load_all(&kit, 420);
    guest_kit_allow(&kit, 0, "8-9");
    guest_kit_allow(&kit, 1, "8-9");
    kit.vcpus[2].has_strange_limits = true;
    plan_after(&kit, 1, &plan);
    assert_non_null(strstr(plan.note, "g0/0 (and 1 more) may run on pCPUs 8-9 only, none of them "
                                      "online: left as it is"));
    assert_non_null(strstr(plan.note, "g2/0 is left alone: its limits are not known"));
    assert_int_equal(plan.n_pins, 0);
    vcpu_plan_done(&plan);
}

/* A definition may name pCPUs that are all offline, of which nothing is left then, or some that are
 * kept from guests. */
static void no_list_of_pcpus_is_empty_or_wrong(void **state)
{
    struct guest_kit kit;
    struct vcpu_plan plan;

    (void)state;
    guest_kit_all(&kit, 3, 3, "0");
    load_all(&kit, 420);
    guest_kit_allow(&kit, 1, "");
    plan_after(&kit, 1, &plan);
    assert_non_null(strstr(plan.note, "g1/0 may run on no pCPU that is online: left as it is"));
    vcpu_plan_done(&plan);
    guest_kit_all(&kit, 3, 3, "0");
    load_all(&kit, 420);
    guest_kit_allow(&kit, 1, "2");
    kit.pcpus[2].use = PCPU_RESERVED;
    plan_after(&kit, 1, &plan);
    assert_non_null(strstr(plan.note, "g1/0 may run on pCPUs 2 only, which guests may not use: "));
    assert_null(strstr(plan.note, "more)"));
    vcpu_plan_done(&plan);
}

static void a_hold_says_why(void **state)
{
    static const struct {
        enum verdict verdict;
        size_t n_bins;
        const char *says;
    } rows[] = {
        {VERDICT_HOLD_STOPPED, 1, "stopped before a plan was ready"},
        {VERDICT_HOLD_OPTIMAL, 1, "no cheaper plan found, at most 12.5 % could be gained"},
        {VERDICT_HOLD_INFEASIBLE, 0, "guests may use none of the 2 online pCPUs"},
    };
    struct guest_kit kit;

    (void)state;
    guest_kit_all(&kit, 2, 0, "0");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vcpu_plan plan = {
            .verdict = rows[i].verdict, .status = SOLVE_FEASIBLE, .gap = 0.125};
        struct pcpu_speed speeds[2] = {{0}};
        struct vcpu_tracks tracks = {.speed = speeds, .n_pcpus = 2};
        struct vcpu_build build = {.problem.n_bins = rows[i].n_bins};

        vcpu_explain_note(&kit.sample, &tracks, &build, 0, &plan);
        assert_string_equal(plan.note, rows[i].says);
    }
}

static void the_longest_name_leaves_room_for_the_goal(void **state)
{
    struct guest_kit kit;
    struct vcpu_plan plan;

    (void)state;
    guest_kit_all(&kit, 2, 2, "0");
    load_all(&kit, 420);
    for (size_t i = 0; i < 2; i++)
        memset(kit.vcpus[i].guest.name, 'n', GUEST_SHOWN_SIZE - 1);
    plan_after(&kit, 1, &plan);
    assert_non_null(strstr(plan.pins[0].reason, "nnn/0 (42 %) moves to pCPU 1"));
    vcpu_plan_done(&plan);
}

static void what_cannot_be_balanced_away_is_named(void **state)
{
    static const char *const pins[] = {"0", "1", "2"};
    static const char *const uneven[] = {"0", "1", "1", "2", "2"};
    struct guest_kit kit;
    struct vcpu_plan plan;

    (void)state;
    guest_kit_init(&kit, 4, 3, pins);
    load_all(&kit, 420);
    plan_after(&kit, 4, &plan);
    assert_non_null(strstr(plan.note, "3 busy vCPUs on 4 pCPUs: no pins bring sigma under 18.2"));
    assert_int_equal(plan.n_pins, 0);
    vcpu_plan_done(&plan);

    guest_kit_init(&kit, 3, 5, uneven);
    load_all(&kit, 200);
    kit.load_permille[0] = 950;
    plan_after(&kit, 4, &plan);
    assert_non_null(strstr(plan.note, "g0/0 (95 %) is above the level of 40 %"));
    assert_int_equal(plan.n_pins, 0);
    vcpu_plan_done(&plan);
}

/* However many they are, and whatever else is to be said. */
static void pcpus_that_are_left_out_are_all_named(void **state)
{
    enum { N = 600 };
    static struct pcpu_reading pcpus[N];
    struct guest_kit kit;
    struct vcpu_plan plan;
    char list[3000] = "";

    (void)state;
    guest_kit_all(&kit, 16, 2, "0");
    load_all(&kit, 420);
    for (unsigned p = 0; p < N; p++)
        pcpus[p] = (struct pcpu_reading){.id = p, .use = p % 2 ? PCPU_ISOLATED : PCPU_USABLE};
    pcpus[2].use = pcpus[4].use = PCPU_RESERVED;
    for (unsigned p = 1; p < N; p += 2)
        snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%u", p > 1 ? "," : "", p);
    kit.sample.pcpus = pcpus;
    kit.sample.n_pcpus = N;
    plan_after(&kit, 1, &plan);
    assert_non_null(strstr(plan.note, list));
    assert_non_null(strstr(plan.note, "isolated; pCPU 2,4 reserved"));
    vcpu_plan_done(&plan);
}

static void resting_comes_with_its_proof(void **state)
{
    static const char *const pins[] = {"0", "1", "2", "3"};
    struct guest_kit kit;
    struct vcpu_plan plan;

    (void)state;
    guest_kit_init(&kit, 4, 4, pins);
    load_all(&kit, 420);
    kit.load_permille[3] = 430;
    plan_after(&kit, 3, &plan);
    assert_int_equal(plan.verdict, VERDICT_HOLD_BALANCED);
    assert_int_equal(plan.status, SOLVE_OPTIMAL);
    assert_non_null(strstr(plan.note, "nothing to do"));
    assert_true(plan.bound == plan.objective && plan.gap == 0);
    vcpu_plan_done(&plan);
    kit.load_permille[3] = 500;
    plan_after(&kit, 3, &plan);
    assert_int_equal(plan.verdict, VERDICT_HOLD_BALANCED);
    assert_non_null(strstr(plan.note, "is inside the deadband of"));
    vcpu_plan_done(&plan);
}

/* Two cores of two threads, of which the first two pCPUs are told to be slow, and two cores of one. */
static void a_pcpu_is_slow_by_itself_or_by_its_sibling(void **state)
{
    struct pcpu_reading pcpus[4] = {{.id = 0}, {.id = 1}, {.id = 2}, {.id = 3}};
    struct pcpu_speed speeds[4] = {{.id = 0, .votes = 9, .log_cost = 0.27},
                                   {.id = 1, .votes = 9, .log_cost = 0.2},
                                   {.id = 2, .votes = 9},
                                   {.id = 3, .votes = 9}};
    const struct vcpu_sample sample = {.pcpus = pcpus, .n_pcpus = 4};
    const struct vcpu_tracks tracks = {.speed = speeds, .n_pcpus = 4};
    size_t siblings[4] = {1, SIZE_MAX, 3, SIZE_MAX}, none[4];

    (void)state;
    memset(none, 0xff, sizeof(none));
    for (int by_core = 0; by_core <= 1; by_core++) {
        const struct vcpu_build build = {
            .problem.n_bins = 2, .by_core = by_core, .next_pcpu = by_core ? siblings : none};
        struct vcpu_plan plan = {.verdict = VERDICT_HOLD_IDLE, .grain = TOPOLOGY_LEVEL_PCPU};

        vcpu_explain_note(&sample, &tracks, &build, 0, &plan);
        assert_non_null(strstr(plan.note, "pCPU 0-1 may take 31 % longer for the same work"));
        assert_int_equal(strstr(plan.note, "while other threads of their cores are busy") != NULL,
                         by_core);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_move_names_load_guest_and_goal),
        cmocka_unit_test(the_others_have_their_own_words),
        cmocka_unit_test(who_is_parted_is_named),
        cmocka_unit_test(what_is_left_alone_is_named),
        cmocka_unit_test(no_list_of_pcpus_is_empty_or_wrong),
        cmocka_unit_test(a_hold_says_why),
        cmocka_unit_test(the_longest_name_leaves_room_for_the_goal),
        cmocka_unit_test(what_cannot_be_balanced_away_is_named),
        cmocka_unit_test(pcpus_that_are_left_out_are_all_named),
        cmocka_unit_test(a_pcpu_is_slow_by_itself_or_by_its_sibling),
        cmocka_unit_test(resting_comes_with_its_proof),
    };

    return cmocka_run_group_tests_name("vcpu_explain", tests, NULL, NULL);
}
