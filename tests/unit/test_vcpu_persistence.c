/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/simulated/random.h"
#include "planner/vcpu/persistence.h"

/* Deviations of some vCPUs for a while, each from the one before it and chance. */
static struct vcpu_persistence learnt(double phi, int vcpus, int intervals)
{
    struct vcpu_persistence persistence = {0};
    struct random random = random_stream(7, 0);
    double off[3][64] = {{0}};

    for (int t = 0; t < intervals; t++) {
        vcpu_persistence_fade(&persistence);
        for (int i = 0; i < vcpus; i++) {
            off[0][i] = off[1][i];
            off[1][i] = off[2][i];
            off[2][i] = phi * off[1][i] + 0.02 * sqrt(1 - phi * phi) * random_normal(&random);
            if (t > 10)
                vcpu_persistence_deviation(&persistence, off[0][i], off[1][i], off[2][i]);
        }
    }
    return persistence;
}

static void what_lasts_is_found(void **state)
{
    (void)state;
    for (int tenths = 0; tenths <= 9; tenths++) {
        double phi = tenths / 10.0, truth = (phi + phi * phi) / 2;
        struct vcpu_persistence persistence = learnt(phi, 32, 300);
        double follow = vcpu_persistence_follow(&persistence),
               spread = vcpu_persistence_spread(&persistence);

        if (follow > truth + 0.03 || follow < truth - 0.15)
            fail_msg("%.2f of %.2f", follow, truth);
        if (fabs(spread - fmin(2.5, 1 / sqrt(1 - phi))) > 0.2)
            fail_msg("spread %.2f at %.1f", spread, phi);
    }
}

static void what_little_is_seen_is_not_believed(void **state)
{
    struct vcpu_persistence nothing = {0}, one = {0};

    (void)state;
    assert_true(vcpu_persistence_follow(&nothing) == 0);
    assert_true(vcpu_persistence_spread(&nothing) == 1.0);
    vcpu_persistence_deviation(&one, 0.01, 0.02, 0.03); /* a ramp */
    assert_true(vcpu_persistence_follow(&one) == 0);
    for (int k = 0; k < 1000; k++)
        vcpu_persistence_deviation(&one, 0, 0, 0); /* a full vCPU says nothing */
    assert_true(vcpu_persistence_follow(&one) == 0);
}

/* Up for two intervals, down for two: what is there now is gone when a plan for it would pay. */
static void loads_that_swing_are_not_followed(void **state)
{
    struct vcpu_persistence persistence = {0};

    (void)state;
    for (int t = 0; t < 400; t++) {
        int now = t % 4 < 2 ? 1 : -1, next = (t + 1) % 4 < 2 ? 1 : -1, after = -now;

        vcpu_persistence_fade(&persistence);
        vcpu_persistence_deviation(&persistence, 0.05 * now, 0.05 * next, 0.05 * after);
    }
    assert_true(vcpu_persistence_follow(&persistence) == 0);
}

static void loud_vcpus_decide(void **state)
{
    struct vcpu_persistence persistence = {0};

    (void)state;
    for (int t = 0; t < 400; t++) {
        vcpu_persistence_fade(&persistence);
        for (int i = 0; i < 60; i++) /* sixty that drift, by little */
            vcpu_persistence_deviation(&persistence, 0.002, 0.002, 0.002);
        for (int i = 0; i < 4; i++) /* four that are thrown about, by much */
            vcpu_persistence_deviation(&persistence, 0.05, t % 2 ? 0.05 : -0.05,
                                       i % 2 ? 0.05 : -0.05);
    }
    assert_true(vcpu_persistence_follow(&persistence) < 0.1);
}

static void what_is_no_more_is_forgotten(void **state)
{
    struct vcpu_persistence persistence = learnt(0.9, 32, 300);

    (void)state;
    assert_true(vcpu_persistence_follow(&persistence) > 0.5);
    for (int t = 0; t < 200; t++) {
        vcpu_persistence_fade(&persistence);
        vcpu_persistence_deviation(&persistence, 0.02, -0.02, 0.02);
    }
    assert_true(vcpu_persistence_follow(&persistence) < 0.05);
}

static void two_of_three_jumps_have_to_last(void **state)
{
    struct vcpu_persistence persistence = {0};

    (void)state;
    vcpu_persistence_jumps(&persistence, 0, 0);
    assert_false(vcpu_persistence_has_lasting_jumps(&persistence));
    vcpu_persistence_jumps(&persistence, 8, 8); /* together: one thing was seen */
    for (int jump = 1; jump < 4; jump++)
        vcpu_persistence_jumps(&persistence, 1, 1);
    assert_false(vcpu_persistence_has_lasting_jumps(&persistence));
    vcpu_persistence_jumps(&persistence, 1, 1);
    assert_true(vcpu_persistence_has_lasting_jumps(&persistence));
    vcpu_persistence_jumps(&persistence, 0, 1);
    assert_false(vcpu_persistence_has_lasting_jumps(&persistence));
    for (int jump = 0; jump < 200; jump++)
        vcpu_persistence_jumps(&persistence, 1, 2);
    assert_false(vcpu_persistence_has_lasting_jumps(&persistence));
    for (int jump = 0; jump < 200; jump++)
        vcpu_persistence_jumps(&persistence, jump % 5 != 0, 1);
    assert_true(vcpu_persistence_has_lasting_jumps(&persistence));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lasts_is_found),
        cmocka_unit_test(what_little_is_seen_is_not_believed),
        cmocka_unit_test(loads_that_swing_are_not_followed),
        cmocka_unit_test(loud_vcpus_decide),
        cmocka_unit_test(what_is_no_more_is_forgotten),
        cmocka_unit_test(two_of_three_jumps_have_to_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
