/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/base/plan.h"

static void every_verdict_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = VERDICT_APPLY; a <= VERDICT_HOLD_UNSAFE; a++)
        for (int b = VERDICT_APPLY; b < a; b++)
            assert_string_not_equal(verdict_text((enum verdict)a), verdict_text((enum verdict)b));
    assert_string_equal(verdict_text(VERDICT_APPLY), "apply");
    assert_string_equal(verdict_text(VERDICT_HOLD_SETTLING), "hold-settling");
}

static void an_empty_plan_ends_too(void **state)
{
    struct vcpu_plan plan = {0};

    (void)state;
    vcpu_plan_done(&plan);
    vcpu_plan_done(NULL);
}

static void a_plan_that_is_held_changes_nothing(void **state)
{
    struct vcpu_pin pin = {.to_place = 1};
    struct vcpu_place places[] = {
        {.to_place = 1, .demand_permille = 500},
        {.vcpu = 1, .from_place = 1, .to_place = 1, .demand_permille = 200}};
    struct pcpu_load loads[] = {
        {.id = 0, .before_permille = 500, .after_permille = 0, .ran_permille = 480},
        {.id = 1, .before_permille = 200, .after_permille = 700}};
    struct vcpu_plan plan = {.pins = &pin,
                             .n_pins = 1,
                             .places = places,
                             .n_places = 2,
                             .pcpus = loads,
                             .n_pcpus = 2,
                             .sigma_pct = 15,
                             .sigma_after_pct = 35,
                             .ran = {.sigma_pct = 14, .sigma_after_pct = 36},
                             .objective = 5,
                             .bound = 2,
                             .hold_objective = 8};

    (void)state;
    vcpu_plan_hold(&plan, VERDICT_HOLD_UNSAFE, "worse than before");
    assert_int_equal(plan.verdict, VERDICT_HOLD_UNSAFE);
    assert_string_equal(plan.note, "worse than before");
    assert_int_equal(plan.n_pins, 0);
    assert_int_equal(places[0].to_place, 0);
    assert_int_equal(loads[0].after_permille, 500);
    assert_int_equal(loads[1].after_permille, 200);
    assert_true(plan.sigma_after_pct == 15 && plan.objective == 8 && plan.gap == 0.75);
    assert_int_equal(loads[0].ran_after_permille, 480);
    assert_true(plan.ran.sigma_after_pct == 14);
}

static void every_state_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (enum guest_state a = GUEST_OK; a <= GUEST_FIXED; a++) {
        assert_string_not_equal(guest_state_text(a), "unknown");
        for (enum guest_state b = GUEST_OK; b < a; b++)
            assert_string_not_equal(guest_state_text(a), guest_state_text(b));
    }
}

static void done_leaves_an_empty_memory_plan(void **state)
{
    struct memory_plan plan = {.places = calloc(1, sizeof(struct memory_place)),
                               .n_places = 1,
                               .reclaims = calloc(1, sizeof(struct balloon_step)),
                               .grants = calloc(1, sizeof(struct balloon_step)),
                               .lp = lp_new("a"),
                               .lp_now = lp_new("b")};

    (void)state;
    memory_plan_done(&plan);
    assert_null(plan.places);
    assert_null(plan.lp_now);
    assert_int_equal(plan.n_places, 0);
    memory_plan_done(&plan);
    memory_plan_done(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verdict_has_a_name_of_its_own),
        cmocka_unit_test(an_empty_plan_ends_too),
        cmocka_unit_test(a_plan_that_is_held_changes_nothing),
        cmocka_unit_test(every_state_has_a_name_of_its_own),
        cmocka_unit_test(done_leaves_an_empty_memory_plan),
    };

    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
