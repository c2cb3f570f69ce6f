/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/guest_fixture.h"

static void load_all(struct guest_kit *kit, int permille)
{
    for (size_t i = 0; i < kit->sample.n_vcpus; i++)
        kit->load_permille[i] = permille;
}

static void the_first_interval_only_observes(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;
    enum verdict verdict;

    (void)state;
    guest_kit_all(&kit, 4, 8, "0");
    load_all(&kit, 900);
    kit.vcpus[0].cpu_time_ns = UINT64_C(1) << 50; /* a lifetime */
    assert_int_equal(guest_kit_step(&kit, planner, 1.0, &verdict), 0);
    assert_int_equal(verdict, VERDICT_HOLD_OBSERVING);
    vcpu_planner_free(planner);
}

static void everything_on_one_pcpu_is_spread_with_the_fewest_moves(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;

    (void)state;
    guest_kit_all(&kit, 4, 8, "2");
    load_all(&kit, 420);
    guest_kit_run(&kit, planner, 1.0, 1);
    assert_int_equal(guest_kit_step(&kit, planner, 1.0, NULL), 6);
    for (unsigned p = 0; p < 4; p++)
        assert_int_equal(guest_kit_load(&kit, p), 840);
    assert_int_equal(guest_kit_run(&kit, planner, 1.0, 20), 0);
    vcpu_planner_free(planner);
}

static bool is_always_asked(void *arg)
{
    (void)arg;
    return true;
}

static void without_a_search_nothing_moves_when_asked_to_stop(void **state)
{
    struct vcpu_settings settings;
    struct vcpu_planner *planner;
    struct guest_kit kit;
    enum verdict verdict;

    (void)state;
    vcpu_settings_default(&settings);
    settings.plain = true;
    settings.limits.stop = is_always_asked;
    planner = guest_kit_planner(&settings);
    guest_kit_all(&kit, 4, 8, "2");
    load_all(&kit, 420);
    guest_kit_run(&kit, planner, 1.0, 1);
    assert_int_equal(guest_kit_step(&kit, planner, 1.0, &verdict), 0);
    assert_int_equal(verdict, VERDICT_HOLD_STOPPED);
    vcpu_planner_free(planner);
}

static void a_balance_that_is_no_round_robin_is_left_alone(void **state)
{
    static const char *const pins[] = {"3", "3", "0", "1", "1", "2", "0", "2"};
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;

    (void)state;
    guest_kit_init(&kit, 4, 8, pins);
    load_all(&kit, 420);
    assert_int_equal(guest_kit_run(&kit, planner, 1.0, 30), 0);
    vcpu_planner_free(planner);
}

static void heavies_at_odd_places_are_told_apart(void **state)
{
    static const char *const pins[] = {"0", "1", "2", "1", "2", "3", "0", "3"};
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;

    (void)state;
    guest_kit_init(&kit, 4, 8, pins);
    for (size_t i = 0; i < 8; i++)
        kit.load_permille[i] = i % 2 ? 600 : 200;
    assert_int_equal(guest_kit_run(&kit, planner, 1.0, 10), 4);
    for (unsigned p = 0; p < 4; p++)
        assert_int_equal(guest_kit_load(&kit, p), 800);
    vcpu_planner_free(planner);
}

static void loads_that_differ_by_less_than_one_percent_do_not_matter(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    static const char *const pins[] = {"0", "0", "1", "1", "2", "2", "3", "3"};
    struct guest_kit kit;

    (void)state;
    guest_kit_init(&kit, 4, 8, pins);
    for (size_t i = 0; i < 8; i++)
        kit.load_permille[i] = 420 + (int)i;
    assert_int_equal(guest_kit_run(&kit, planner, 1.0, 20), 0);
    vcpu_planner_free(planner);
}

static void no_load_means_no_call_whatever_the_placement(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;
    enum verdict verdict;

    (void)state;
    guest_kit_all(&kit, 4, 6, "0");
    for (int i = 0; i < 30; i++) {
        load_all(&kit, i % 4 * 10);
        assert_int_equal(guest_kit_step(&kit, planner, 1.0, &verdict), 0);
    }
    assert_int_equal(verdict, VERDICT_HOLD_IDLE);
    vcpu_planner_free(planner);
}

static void a_lucky_float_is_pinned_and_an_idle_one_is_not(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;

    (void)state;
    guest_kit_all(&kit, 4, 5, "0-3");
    load_all(&kit, 500);
    kit.load_permille[4] = 20;
    guest_kit_run(&kit, planner, 1.0, 1);
    assert_int_equal(guest_kit_step(&kit, planner, 1.0, NULL), 4);
    assert_int_equal(guest_kit_pcpu(&kit, 4), -1);
    for (unsigned p = 0; p < 4; p++)
        assert_int_equal(guest_kit_load(&kit, p), 500);
    vcpu_planner_free(planner);
}

static void a_float_stays_where_it_runs_when_that_is_as_good(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;

    (void)state;
    guest_kit_all(&kit, 4, 4, "0-3");
    load_all(&kit, 500);
    for (size_t i = 0; i < 4; i++) {
        kit.vcpus[i].has_last = true;
        kit.vcpus[i].last_pcpu = (unsigned)(3 - i);
    }
    guest_kit_run(&kit, planner, 1.0, 2);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(guest_kit_pcpu(&kit, i), 3 - (int)i);
    vcpu_planner_free(planner);
}

static void a_pin_on_an_offline_pcpu_has_to_move_idle_or_not(void **state)
{
    static const char *const pins[] = {"0", "1", "9"};
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;

    (void)state;
    guest_kit_init(&kit, 4, 3, pins);
    guest_kit_run(&kit, planner, 1.0, 1);
    assert_int_equal(guest_kit_step(&kit, planner, 1.0, NULL), 1);
    assert_in_range(guest_kit_pcpu(&kit, 2), 0, 3);
    vcpu_planner_free(planner);
}

static void a_mask_is_never_widened(void **state)
{
    static const char *const pins[] = {"0", "0", "0", "3"};
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;

    (void)state;
    guest_kit_init(&kit, 4, 4, pins);
    load_all(&kit, 700);
    for (size_t i = 0; i < 3; i++)
        guest_kit_allow(&kit, i, "0-1");
    guest_kit_allow(&kit, 3, "0-2"); /* it may not be where it is */
    guest_kit_run(&kit, planner, 1.0, 6);
    for (size_t i = 0; i < 3; i++)
        assert_in_range(guest_kit_pcpu(&kit, i), 0, 1);
    assert_int_equal(guest_kit_pcpu(&kit, 3), 2);
    vcpu_planner_free(planner);
}

static void who_may_run_nowhere_is_left_with_a_note(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;
    struct vcpu_plan plan;

    (void)state;
    guest_kit_all(&kit, 4, 3, "1");
    load_all(&kit, 600);
    guest_kit_allow(&kit, 1, "8-9");
    guest_kit_run(&kit, planner, 1.0, 3);
    guest_kit_pass(&kit, 1.0);
    guest_kit_plan(&kit, planner, &plan);
    assert_non_null(strstr(plan.note, "g1/0 may run on pCPUs 8-9 only"));
    assert_int_equal(guest_kit_pcpu(&kit, 1), 1);
    assert_int_equal(guest_kit_load(&kit, 1), 600); /* the others made room */
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

static void paused_guests_keep_their_pins_and_weigh_nothing(void **state)
{
    static const char *const pins[] = {"0", "0", "0", "1"};
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;

    (void)state;
    guest_kit_init(&kit, 2, 4, pins);
    load_all(&kit, 600);
    kit.vcpus[0].running = false;
    kit.vcpus[1].running = false;
    assert_int_equal(guest_kit_run(&kit, planner, 1.0, 10), 0);
    assert_int_equal(guest_kit_pcpu(&kit, 0), 0);
    vcpu_planner_free(planner);
}

static void background_work_counts(void **state)
{
    static const char *const pins[] = {"0", "0", "1", "1"};
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;

    (void)state;
    guest_kit_init(&kit, 2, 4, pins);
    load_all(&kit, 300);
    kit.pcpus[0].background_permille = 600;
    assert_int_equal(guest_kit_run(&kit, planner, 1.0, 6), 1);
    assert_int_equal(guest_kit_load(&kit, 1), 900);
    vcpu_planner_free(planner);
}

static void order_and_names_do_not_matter_identity_does(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct vcpu_planner *other = guest_kit_planner(NULL);
    struct guest_kit kit, twin;

    (void)state;
    guest_kit_all(&kit, 4, 9, "0");
    guest_kit_all(&twin, 4, 9, "0");
    for (size_t i = 0; i < 9; i++) {
        kit.load_permille[i] = 100 + 50 * (int)i;
        twin.load_permille[i] = kit.load_permille[i];
        twin.vcpus[i].guest.name[0] = (char)('z' - i);
    }
    for (int k = 0; k < 4; k++)
        assert_int_equal(guest_kit_step(&kit, planner, 1.0, NULL),
                         guest_kit_step(&twin, other, 1.0, NULL));
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(guest_kit_pcpu(&kit, i), guest_kit_pcpu(&twin, i));
    vcpu_planner_free(planner);
    vcpu_planner_free(other);
}

static void nobody_and_no_pcpu(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;
    struct vcpu_plan plan = {.n_pins = 42};
    struct err err = {0};
    enum verdict verdict;

    (void)state;
    guest_kit_all(&kit, 4, 0, "0");
    guest_kit_run(&kit, planner, 1.0, 1);
    assert_int_equal(guest_kit_step(&kit, planner, 1.0, &verdict), 0);
    assert_int_equal(verdict, VERDICT_HOLD_IDLE);
    kit.sample.n_pcpus = 0;
    assert_int_equal(vcpu_planner_step(planner, &kit.sample, &plan, &err), -EINVAL);
    assert_int_equal(plan.n_pins, 42);
    assert_non_null(strstr(err.text, "no pCPU is online"));
    vcpu_planner_free(planner);
}

static void a_failed_interval_is_forgotten(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;
    struct vcpu_plan plan;
    struct err err = {0};

    (void)state;
    guest_kit_all(&kit, 4, 4, "0");
    load_all(&kit, 500);
    guest_kit_run(&kit, planner, 1.0, 1);
    assert_int_equal(vcpu_planner_step(planner, &kit.sample, &plan, &err), -EINVAL);
    assert_int_equal(guest_kit_step(&kit, planner, 1.0, NULL), 3);
    vcpu_planner_free(planner);
}

/* One interval in which pins of vCPU 1 fail; whether it was asked to move. */
static bool step_refused(struct guest_kit *kit, struct vcpu_planner *planner)
{
    struct vcpu_plan plan;
    bool asked = false;

    guest_kit_pass(kit, 1.0);
    guest_kit_plan(kit, planner, &plan);
    for (size_t k = 0; k < plan.n_pins; k++) {
        size_t i = plan.pins[k].guest.uuid[0] - 1U;
        char to[2] = {(char)('0' + plan.pins[k].to_place), '\0'};

        if (i == 1)
            vcpu_planner_refused(planner, &plan.pins[k].guest, plan.pins[k].vcpu,
                                 (int)plan.pins[k].to_place);
        else
            guest_kit_pin(kit, i, to);
        asked = asked || i == 1;
    }
    vcpu_plan_done(&plan);
    return asked;
}

/* It cannot be told from the samples why a vCPU is where it is: asked every second it would fail
 * every second. Each pCPU is tried once, 5 s apart; it is moved when it can be. */
static void a_pin_that_fails_is_not_asked_for_in_each_interval(void **state)
{
    static const char *const affinities[] = {"0", "0-3", "3"}; /* move, be placed, have to move */

    (void)state;
    for (size_t row = 0; row < 3; row++) {
        struct vcpu_planner *planner = guest_kit_planner(NULL);
        struct guest_kit kit;
        int asked = 0;

        guest_kit_all(&kit, 4, 4, "0");
        load_all(&kit, 500);
        kit.load_permille[1] = 510;
        guest_kit_allow(&kit, 0, "0"); /* so that vCPU 1 cannot stay instead */
        guest_kit_pin(&kit, 1, affinities[row]);
        if (row == 2)
            guest_kit_allow(&kit, 1, "0-2");
        for (int s = 0; s < 28; s++)
            asked += step_refused(&kit, planner);
        assert_in_range(asked, 2, 5);
        guest_kit_run(&kit, planner, 1.0, 330); /* until no pCPU is left out for its guest */
        assert_in_range(guest_kit_pcpu(&kit, 1), 0, row == 2 ? 2 : 3);
        for (unsigned p = 0; p < 4; p++)
            assert_in_range(guest_kit_load(&kit, p), 500, 510);
        vcpu_planner_free(planner);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_interval_only_observes),
        cmocka_unit_test(everything_on_one_pcpu_is_spread_with_the_fewest_moves),
        cmocka_unit_test(without_a_search_nothing_moves_when_asked_to_stop),
        cmocka_unit_test(a_balance_that_is_no_round_robin_is_left_alone),
        cmocka_unit_test(heavies_at_odd_places_are_told_apart),
        cmocka_unit_test(loads_that_differ_by_less_than_one_percent_do_not_matter),
        cmocka_unit_test(no_load_means_no_call_whatever_the_placement),
        cmocka_unit_test(a_lucky_float_is_pinned_and_an_idle_one_is_not),
        cmocka_unit_test(a_float_stays_where_it_runs_when_that_is_as_good),
        cmocka_unit_test(a_pin_on_an_offline_pcpu_has_to_move_idle_or_not),
        cmocka_unit_test(a_mask_is_never_widened),
        cmocka_unit_test(who_may_run_nowhere_is_left_with_a_note),
        cmocka_unit_test(paused_guests_keep_their_pins_and_weigh_nothing),
        cmocka_unit_test(background_work_counts),
        cmocka_unit_test(order_and_names_do_not_matter_identity_does),
        cmocka_unit_test(nobody_and_no_pcpu),
        cmocka_unit_test(a_failed_interval_is_forgotten),
        cmocka_unit_test(a_pin_that_fails_is_not_asked_for_in_each_interval),
    };

    return cmocka_run_group_tests_name("vcpu_planner", tests, NULL, NULL);
}
