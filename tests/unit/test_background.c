/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/vcpu/background.h"
#include "tests/unit/guest_fixture.h"

static void assert_near(double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%g is not within %g of %g", value, within, expected);
}

/* One second passes on a host whose pCPUs were busy for these shares, while vCPU i ran ran[i]. */
static void pass(struct guest_kit *kit, const double *busy, const double *ran,
                 struct background *backgrounds)
{
    struct background before[16];
    struct vcpu_usage usage[KIT_VCPUS] = {0};
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    vcpu_sample_sort(&kit->sample);
    for (size_t p = 0; p < kit->sample.n_pcpus; p++) {
        before[p] = backgrounds[p];
        kit->pcpus[p].has_busy = true;
        kit->pcpus[p].busy_ns += (uint64_t)llround(1e9 * busy[p]);
    }
    for (size_t i = 0; i < kit->sample.n_vcpus; i++)
        usage[i] = (struct vcpu_usage){.known = true, .usage = ran[i], .ran = ran[i]};
    assert_int_equal(background_next(&settings, before, kit->sample.n_pcpus, &kit->sample, usage,
                                     NULL, 1, backgrounds),
                     0);
}

static void start(struct guest_kit *kit, const char *const *affinity, size_t n_pcpus, size_t n,
                  struct background *backgrounds)
{
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    guest_kit_init(kit, n_pcpus, n, affinity);
    for (size_t p = 0; p < n_pcpus; p++)
        kit->pcpus[p].has_busy = true;
    assert_int_equal(background_next(&settings, NULL, 0, &kit->sample,
                                     (struct vcpu_usage[KIT_VCPUS]){0}, NULL, 0, backgrounds),
                     0);
}

static void pinned_vcpus_are_taken_off_exactly(void **state)
{
    static const char *const affinity[] = {"0", "0", "1"};
    static const double busy[] = {0.9, 0.5, 0.1}, ran[] = {0.3, 0.4, 0.5};
    struct background backgrounds[3] = {0};
    struct guest_kit kit;

    (void)state;
    start(&kit, affinity, 3, 3, backgrounds);
    pass(&kit, busy, ran, backgrounds);
    assert_near(backgrounds[0].seen, 0.2, 1e-9);
    assert_near(backgrounds[1].seen, 0, 1e-9);
    assert_near(backgrounds[2].seen, 0.1, 1e-9);
    assert_near(backgrounds[0].error + backgrounds[1].error + backgrounds[2].error, 0, 1e-9);
    assert_near(background_share(&backgrounds[0], &kit.pcpus[0]), 0, 1e-9);
    for (int s = 0; s < 4; s++)
        pass(&kit, busy, ran, backgrounds);
    assert_near(background_share(&backgrounds[0], &kit.pcpus[0]), 0.2, 1e-9);
}

/* Whatever floats, nothing of it is lost; what one pCPU may be wrong by is told. */
static void floating_vcpus_leave_the_sum_exact(void **state)
{
    static const char *const affinity[] = {"0-3", "0-1", "2"};
    static const double busy[] = {0.8, 0.6, 0.7, 0.3}, ran[] = {0.6, 0.5, 0.4};
    struct background backgrounds[4] = {0};
    struct guest_kit kit;
    double sum = 0;

    (void)state;
    start(&kit, affinity, 4, 3, backgrounds);
    pass(&kit, busy, ran, backgrounds);
    for (size_t p = 0; p < 4; p++) {
        sum += backgrounds[p].seen;
        assert_true(backgrounds[p].seen >= -1e-9);
        assert_true(backgrounds[p].error > 0);
    }
    assert_near(sum, 2.4 - 1.5, 1e-9);
    /* all that vCPU 0 ran may have been there, or none of it */
    assert_true(backgrounds[3].error <= 0.3 && backgrounds[3].seen <= 0.3);
}

static void what_is_new_is_believed_when_it_lasts(void **state)
{
    static const char *const affinity[] = {"0"};
    static const double none[] = {0.3, 0}, some[] = {0.8, 0}, ran[] = {0.3};
    struct background backgrounds[2] = {0};
    struct guest_kit kit;

    (void)state;
    start(&kit, affinity, 2, 1, backgrounds);
    for (int s = 0; s < 5; s++)
        pass(&kit, none, ran, backgrounds);
    for (int s = 0; s < 3; s++)
        pass(&kit, some, ran, backgrounds);
    pass(&kit, none, ran, backgrounds); /* a burst */
    assert_true(fabs(backgrounds[0].level) < 0.02);
    for (int s = 0; s < 5; s++)
        pass(&kit, some, ran, backgrounds);
    assert_near(backgrounds[0].level, 0.5, 0.01);
}

/* Of what was seen before anything is believed the least is, and two intervals are too few however
 * long they are. */
static void at_first_the_least_is_believed(void **state)
{
    static const char *const affinity[] = {"0"};
    static const double busy[][2] = {{0.9, 0.4}, {0.4, 0.5}, {0.6, 0.45}, {0.5, 0.6}, {0.5, 0.4}};
    static const double ran[] = {0.3};
    struct background backgrounds[2] = {0};
    struct guest_kit kit;

    (void)state;
    start(&kit, affinity, 2, 1, backgrounds);
    for (int s = 0; s < 5; s++) {
        assert_near(background_share(&backgrounds[1], &kit.pcpus[1]), 0, 1e-9);
        pass(&kit, busy[s], ran, backgrounds);
    }
    assert_near(background_share(&backgrounds[0], &kit.pcpus[0]), 0.1, 1e-9);
    assert_near(background_share(&backgrounds[1], &kit.pcpus[1]), 0.4, 1e-9);
}

/* The error of a reading decides how far it counts: once all are pinned the truth is believed. */
static void what_is_exact_replaces_what_was_guessed(void **state)
{
    static const char *const affinity[] = {"0-1", "0-1"};
    static const double busy[] = {1, 1}, ran[] = {0.7, 0.7};
    struct background backgrounds[2] = {0};
    struct guest_kit kit;

    (void)state;
    start(&kit, affinity, 2, 2, backgrounds);
    for (int s = 0; s < 5; s++)
        pass(&kit, busy, ran, backgrounds);
    assert_near(backgrounds[0].level, 0.3, 1e-9);
    guest_kit_pin(&kit, 0, "0");
    guest_kit_pin(&kit, 1, "1");
    for (int s = 0; s < 8; s++)
        pass(&kit, (const double[]){0.95, 0.7}, (const double[]){0.4, 0.7}, backgrounds);
    assert_near(backgrounds[0].level, 0.55, 0.02);
    assert_near(backgrounds[1].level, 0, 0.02);
}

/* On a full pCPU what ran is exact, and what it wanted is not known: the middle of what is
 * possible, unless it wanted less when there was room. */
static void what_was_held_back_wanted_more(void **state)
{
    static const char *const affinity[] = {"0", "0"};
    static const double full[] = {1}, ran[] = {0.3, 0.3}, roomy[] = {0.6}, little[] = {0.1, 0.1};
    struct background backgrounds[1] = {0};
    struct guest_kit kit;

    (void)state;
    start(&kit, affinity, 1, 2, backgrounds);
    for (int s = 0; s < 5; s++)
        pass(&kit, full, ran, backgrounds);
    assert_near(backgrounds[0].seen, 0.4, 1e-9);
    assert_true(backgrounds[0].held_back);
    assert_near(backgrounds[0].level, 0.7, 1e-9);
    for (int s = 0; s < 6; s++)
        pass(&kit, roomy, little, backgrounds);
    assert_near(backgrounds[0].level, 0.4, 1e-9);
    for (int s = 0; s < 6; s++)
        pass(&kit, full, ran, backgrounds);
    assert_near(backgrounds[0].level, 0.4, 1e-9);
}

/* Beside vCPUs that got more than it did, it got all that it wanted. */
static void who_got_less_than_its_share_wanted_no_more(void **state)
{
    static const char *const affinity[] = {"0", "0"};
    static const double full[] = {1}, ran[] = {0.4, 0.4};
    struct background backgrounds[1] = {0};
    struct guest_kit kit;

    (void)state;
    start(&kit, affinity, 1, 2, backgrounds);
    for (int s = 0; s < 5; s++)
        pass(&kit, full, ran, backgrounds);
    assert_false(backgrounds[0].held_back);
    assert_near(backgrounds[0].level, 0.2, 1e-9);
}

static void backgrounds_that_follow_lose_their_places(void **state)
{
    struct background two[2] = {{.level = 0.4}, {.level = 0}};
    struct background_habits habits = {0};

    (void)state;
    for (int pin = 0; pin < 3; pin++) {
        habits = background_habits_next(&habits, two, 2, true, 2);
        two[0].jump = pin % 2 ? 0.4 : -0.4;
        two[1].jump = -two[0].jump;
        habits = background_habits_next(&habits, two, 2, false, 2);
        two[0].jump = two[1].jump = 0;
    }
    assert_false(background_habits_are_staying(&habits, 2));
    for (int pin = 0; pin < 6; pin++) {
        habits = background_habits_next(&habits, two, 2, true, 2);
        for (int s = 0; s < 8; s++)
            habits = background_habits_next(&habits, two, 2, false, 2);
    }
    assert_true(background_habits_are_staying(&habits, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned_vcpus_are_taken_off_exactly),
        cmocka_unit_test(floating_vcpus_leave_the_sum_exact),
        cmocka_unit_test(what_is_new_is_believed_when_it_lasts),
        cmocka_unit_test(at_first_the_least_is_believed),
        cmocka_unit_test(what_was_held_back_wanted_more),
        cmocka_unit_test(who_got_less_than_its_share_wanted_no_more),
        cmocka_unit_test(what_is_exact_replaces_what_was_guessed),
        cmocka_unit_test(backgrounds_that_follow_lose_their_places),
    };

    return cmocka_run_group_tests_name("background", tests, NULL, NULL);
}
