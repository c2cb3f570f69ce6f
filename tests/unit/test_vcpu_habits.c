/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/simulated/random.h"
#include "planner/vcpu_habits.h"

/* 20 vCPUs for a while, with first-order autoregressive noise. */
static struct vcpu_habits learnt(double phi, int intervals, double noise)
{
    struct vcpu_habits habits = {0};
    struct random random = random_stream(7, 0);
    double value[20] = {0}, change[20] = {0};

    for (int t = 0; t < intervals; t++) {
        vcpu_habits_fade(&habits);
        for (int i = 0; i < 20; i++) {
            double next = phi * value[i] + sqrt(1 - phi * phi) * random_normal(&random) * noise;

            if (t > 10)
                vcpu_habits_pair(&habits, change[i], next - value[i], noise);
            change[i] = next - value[i];
            value[i] = next;
        }
    }
    return habits;
}

static void persistence_is_found_and_never_overrated(void **state)
{
    (void)state;
    for (int tenths = 0; tenths <= 9; tenths++) {
        double phi = tenths / 10.0;
        struct vcpu_habits habits = learnt(phi, 300, 0.02);
        double follow = vcpu_habits_follow(&habits);
        double found = 1 - 1 / pow(vcpu_habits_spread(&habits), 2);

        assert_true(found <= phi + 0.03);
        assert_true(found >= phi - 0.3);
        assert_float_equal(follow, (found + found * found) / 2, 1e-9);
    }
}

static void what_little_is_seen_is_not_believed(void **state)
{
    struct vcpu_habits nothing = {0}, little = learnt(0.9, 11, 0.02), more = learnt(0.9, 13, 0.02);

    (void)state;
    assert_true(vcpu_habits_follow(&nothing) == 0.0);
    assert_true(vcpu_habits_spread(&nothing) == 1.0);
    assert_true(vcpu_habits_follow(&little) == 0.0);
    assert_true(vcpu_habits_follow(&more) < 0.4);
}

static void the_size_of_the_noise_does_not_matter(void **state)
{
    struct vcpu_habits small = learnt(0.7, 100, 0.001), large = learnt(0.7, 100, 0.1);

    (void)state;
    assert_float_equal(vcpu_habits_follow(&small), vcpu_habits_follow(&large), 1e-9);
}

static void noise_that_stops_wandering_is_forgotten(void **state)
{
    struct vcpu_habits habits = learnt(0.9, 300, 0.02);

    (void)state;
    assert_true(vcpu_habits_follow(&habits) > 0.5);
    for (int t = 0; t < 200; t++) {
        vcpu_habits_fade(&habits);
        for (int i = 0; i < 20; i++)
            vcpu_habits_pair(&habits, 0.02, -0.01, 0.02);
    }
    assert_true(vcpu_habits_follow(&habits) < 0.05);
}

static void two_of_three_jumps_have_to_last(void **state)
{
    struct vcpu_habits habits = {0};

    (void)state;
    assert_false(vcpu_habits_jumps_last(&habits));
    for (int jump = 0; jump < 4; jump++)
        vcpu_habits_jump(&habits, true);
    assert_false(vcpu_habits_jumps_last(&habits));
    vcpu_habits_jump(&habits, true);
    assert_true(vcpu_habits_jumps_last(&habits));
    vcpu_habits_jump(&habits, false);
    assert_false(vcpu_habits_jumps_last(&habits));
    for (int jump = 0; jump < 100; jump++)
        vcpu_habits_jump(&habits, jump % 2 == 0);
    assert_false(vcpu_habits_jumps_last(&habits));
    for (int jump = 0; jump < 100; jump++)
        vcpu_habits_jump(&habits, jump % 5 != 0);
    assert_true(vcpu_habits_jumps_last(&habits));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(persistence_is_found_and_never_overrated),
        cmocka_unit_test(what_little_is_seen_is_not_believed),
        cmocka_unit_test(the_size_of_the_noise_does_not_matter),
        cmocka_unit_test(noise_that_stops_wandering_is_forgotten),
        cmocka_unit_test(two_of_three_jumps_have_to_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
