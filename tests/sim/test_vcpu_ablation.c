/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/sim/vcpu_scene.h"

/* Every defence is needed: with it a scene is won, without it the same scene is lost. */

/* Loads that drift by a few points about an even placement. */
static const char drifting[] =
    "{\"duration_s\": 120, \"guests\": ["
    "{\"name\": \"a\", \"count\": 3, \"pct\": 20, \"affinity\": \"0\"},"
    "{\"name\": \"b\", \"count\": 3, \"pct\": 20, \"affinity\": \"1\"},"
    "{\"name\": \"c\", \"count\": 3, \"pct\": 20, \"affinity\": \"2\"},"
    "{\"name\": \"d\", \"count\": 3, \"pct\": 20, \"affinity\": \"3\"}], \"events\": ["
    "{\"at_s\": 20, \"do\": \"load\", \"guest\": \"a-1\", \"pct\": 25},"
    "{\"at_s\": 20, \"do\": \"load\", \"guest\": \"b-1\", \"pct\": 15},"
    "{\"at_s\": 50, \"do\": \"load\", \"guest\": \"a-1\", \"pct\": 15},"
    "{\"at_s\": 50, \"do\": \"load\", \"guest\": \"b-1\", \"pct\": 25},"
    "{\"at_s\": 80, \"do\": \"load\", \"guest\": \"a-1\", \"pct\": 25},"
    "{\"at_s\": 80, \"do\": \"load\", \"guest\": \"b-1\", \"pct\": 15}]}";

/* Next to no work, all of it on one pCPU now and then. */
static const char idle[] =
    "{\"duration_s\": 300, \"guests\": ["
    "{\"name\": \"a\", \"count\": 12, \"pct\": 1, \"noise_pct\": 0.7, \"affinity\": \"0\"}]}";

/* A job of two seconds every thirteen. */
static const char bursts[] =
    "{\"duration_s\": 60, \"guests\": ["
    "{\"name\": \"a\", \"count\": 2, \"pct\": 40, \"affinity\": \"0\"},"
    "{\"name\": \"b\", \"count\": 2, \"pct\": 40, \"affinity\": \"1\"},"
    "{\"name\": \"c\", \"count\": 2, \"pct\": 40, \"affinity\": \"2\"},"
    "{\"name\": \"d\", \"count\": 2, \"pct\": 40, \"affinity\": \"3\"}], \"events\": ["
    "{\"at_s\": 20.1, \"do\": \"load\", \"guest\": \"a-1\", \"pct\": 95},"
    "{\"at_s\": 22.1, \"do\": \"load\", \"guest\": \"a-1\", \"pct\": 40},"
    "{\"at_s\": 33.1, \"do\": \"load\", \"guest\": \"c-1\", \"pct\": 95},"
    "{\"at_s\": 35.1, \"do\": \"load\", \"guest\": \"c-1\", \"pct\": 40}]}";

/* 3 on one pCPU, 1 on the other, both full. */
static const char saturated[] = "{\"host\": {\"pcpus\": 2}, \"guests\": ["
                                "{\"name\": \"a\", \"count\": 3, \"pct\": 98, \"affinity\": \"0\"},"
                                "{\"name\": \"b\", \"pct\": 98, \"affinity\": \"1\"}]}";

/* The same where the hypervisor does not tell of waiting. */
static const char silent[] = "{\"host\": {\"pcpus\": 2, \"run_delay\": false}, \"guests\": ["
                             "{\"name\": \"a\", \"count\": 3, \"pct\": 98, \"affinity\": \"0\"},"
                             "{\"name\": \"b\", \"pct\": 98, \"affinity\": \"1\"}]}";

/* A large guest stops for two seconds, beside small ones that could be moved because of it. */
static const char pause[] =
    "{\"duration_s\": 60, \"guests\": ["
    "{\"name\": \"a\", \"pct\": 40, \"affinity\": \"0\"},"
    "{\"name\": \"b\", \"pct\": 40, \"affinity\": \"1\"},"
    "{\"name\": \"c\", \"pct\": 40, \"affinity\": \"2\"},"
    "{\"name\": \"d\", \"pct\": 40, \"affinity\": \"3\"},"
    "{\"name\": \"as\", \"count\": 2, \"pct\": 10, \"affinity\": \"0\"},"
    "{\"name\": \"bs\", \"count\": 2, \"pct\": 10, \"affinity\": \"1\"},"
    "{\"name\": \"cs\", \"count\": 2, \"pct\": 10, \"affinity\": \"2\"},"
    "{\"name\": \"ds\", \"count\": 2, \"pct\": 10, \"affinity\": \"3\"}], \"events\": ["
    "{\"at_s\": 21, \"do\": \"load\", \"guest\": \"a\", \"pct\": 2},"
    "{\"at_s\": 23, \"do\": \"load\", \"guest\": \"a\", \"pct\": 40}]}";

/* Two guests want half as much again, for good. */
static const char rise[] =
    "{\"duration_s\": 60, \"guests\": ["
    "{\"name\": \"a\", \"count\": 2, \"pct\": 30, \"affinity\": \"0\"},"
    "{\"name\": \"b\", \"count\": 2, \"pct\": 30, \"affinity\": \"1\"},"
    "{\"name\": \"c\", \"count\": 2, \"pct\": 30, \"affinity\": \"2\"},"
    "{\"name\": \"d\", \"count\": 2, \"pct\": 30, \"affinity\": \"3\"}], \"events\": ["
    "{\"at_s\": 30, \"do\": \"load\", \"guest\": \"a-*\", \"pct\": 45}]}";

/* Even loads that waver by three points. */
static const char noise[] =
    "{\"duration_s\": 400, \"guests\": ["
    "{\"name\": \"a\", \"count\": 4, \"pct\": 20, \"noise_pct\": 3, \"affinity\": \"0\"},"
    "{\"name\": \"b\", \"count\": 4, \"pct\": 20, \"noise_pct\": 3, \"affinity\": \"1\"},"
    "{\"name\": \"c\", \"count\": 4, \"pct\": 20, \"noise_pct\": 3, \"affinity\": \"2\"},"
    "{\"name\": \"d\", \"count\": 4, \"pct\": 20, \"noise_pct\": 3, \"affinity\": \"3\"}]}";

/* What one small guest would improve is less than a move is worth. */
static const char crumb[] =
    "{\"duration_s\": 60, \"guests\": ["
    "{\"name\": \"a\", \"count\": 2, \"pct\": 32, \"noise_pct\": 0.2, \"affinity\": \"0\"},"
    "{\"name\": \"e\", \"pct\": 3, \"noise_pct\": 0.2, \"affinity\": \"0\"},"
    "{\"name\": \"b\", \"count\": 2, \"pct\": 29, \"noise_pct\": 0.2, \"affinity\": \"1\"},"
    "{\"name\": \"c\", \"count\": 2, \"pct\": 29, \"noise_pct\": 0.2, \"affinity\": \"2\"},"
    "{\"name\": \"d\", \"count\": 2, \"pct\": 29, \"noise_pct\": 0.2, \"affinity\": \"3\"}]}";

/* A light guest beside one that fills its pCPU; everybody else is as even as can be. */
static const char crowded[] =
    "{\"duration_s\": 60, \"guests\": ["
    "{\"name\": \"hog\", \"pct\": 100, \"noise_pct\": 0, \"affinity\": \"0\"},"
    "{\"name\": \"light\", \"pct\": 2.5, \"noise_pct\": 0, \"affinity\": \"0\"},"
    "{\"name\": \"b\", \"count\": 2, \"pct\": 30, \"affinity\": \"1\"},"
    "{\"name\": \"c\", \"count\": 2, \"pct\": 30, \"affinity\": \"2\"},"
    "{\"name\": \"d\", \"count\": 2, \"pct\": 30, \"affinity\": \"3\"}]}";

/* One has to leave pCPU 0: x-1 or x-2 would leave half a point of sigma less than one of the pair. */
static const char pair[] =
    "{\"host\": {\"pcpus\": 2}, \"duration_s\": 40, \"guests\": ["
    "{\"name\": \"pair\", \"vcpus\": 2, \"pct\": 24.5, \"noise_pct\": 0, \"affinity\": \"0\"},"
    "{\"name\": \"x\", \"count\": 2, \"pct\": 26, \"noise_pct\": 0, \"affinity\": \"0\"},"
    "{\"name\": \"y\", \"pct\": 49, \"noise_pct\": 0, \"affinity\": \"1\"}]}";

/* Whether the first two vCPUs are pinned to one pCPU at the end. */
static bool ends_together(const char *scene, const struct vcpu_settings *settings)
{
    struct cpu_record record;
    const int *pinned;
    bool is_together;

    vcpu_scene(scene, 2, settings, &record);
    pinned = record.pinned + (record.n_samples - 1) * record.n_vcpus;
    is_together = pinned[0] == pinned[1];
    assert_true(pinned[0] >= 0 && vcpu_scene_pins(&record, 0) == 1);
    cpu_record_done(&record);
    return is_together;
}

static unsigned all_pins(const char *scene, double interval_s, const struct vcpu_settings *settings)
{
    struct cpu_record record;
    unsigned pins;

    vcpu_scene(scene, interval_s, settings, &record);
    pins = vcpu_scene_pins(&record, 0);
    cpu_record_done(&record);
    return pins;
}

static struct vcpu_settings defaults(void)
{
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    return settings;
}

/* Somebody who prices moves at next to nothing: the default price alone would hold these scenes. */
static struct vcpu_settings cheap_moves(void)
{
    struct vcpu_settings settings = defaults();

    settings.penalty_points = 0.05;
    return settings;
}

static void the_deadband_does_not_follow_every_drift(void **state)
{
    struct vcpu_settings with = cheap_moves(), without = cheap_moves();

    (void)state;
    without.deadband_points = 0;
    without.noise_factor = 0;
    assert_int_equal(all_pins(drifting, 2, &with), 0);
    assert_true(all_pins(drifting, 2, &without) > 0);
}

static void the_idle_guard_rests_without_load(void **state)
{
    struct vcpu_settings with = cheap_moves(), without = cheap_moves();

    (void)state;
    with.deadband_points = without.deadband_points = 2;
    without.idle_pct = 0;
    assert_int_equal(all_pins(idle, 2, &with), 0);
    assert_true(all_pins(idle, 2, &without) > 0);
}

static void a_burst_is_not_believed_at_once(void **state)
{
    struct vcpu_settings without = defaults();

    (void)state;
    without.confirm_s = 0;
    assert_int_equal(all_pins(bursts, 2, NULL), 0);
    assert_true(all_pins(bursts, 2, &without) > 0);
}

/* While guests start, heavy ones and light ones look alike: what is decided then is decided
 * twice. */
static void settling_avoids_a_second_wave(void **state)
{
    struct vcpu_settings without = defaults();
    unsigned with_pins = 0, without_pins = 0;

    (void)state;
    without.settle_s = 0;
    without.confirm_s = 0;
    for (int seed = 1; seed <= 4; seed++) {
        char scene[40];

        snprintf(scene, sizeof(scene), "cpu-5:high:seed=%d", seed);
        with_pins += all_pins(scene, 1, NULL);
        without_pins += all_pins(scene, 1, &without);
    }
    assert_int_equal(with_pins, 4 * 8);
    assert_true(without_pins > 4 * 8);
}

static void run_delay_shows_what_saturation_hides(void **state)
{
    struct vcpu_settings without = defaults();

    (void)state;
    without.use_delay = false;
    assert_int_equal(all_pins(saturated, 2, NULL), 1);
    assert_int_equal(all_pins(saturated, 2, &without), 0);
}

static void without_run_delay_a_full_pcpu_is_a_guess_worth_making(void **state)
{
    struct vcpu_settings without = defaults();

    (void)state;
    without.use_delay = false;
    assert_int_equal(all_pins(silent, 2, NULL), 1);
    assert_int_equal(all_pins(silent, 2, &without), 0);
}

static void a_fall_is_believed_slowly(void **state)
{
    struct vcpu_settings without = defaults();

    (void)state;
    without.fall_half_life_s = 0;
    assert_int_equal(all_pins(pause, 2, NULL), 0);
    assert_true(all_pins(pause, 2, &without) > 0);
}

/* Pins within two intervals of the rise. */
static unsigned pins_at_the_rise(const struct vcpu_settings *settings)
{
    struct cpu_record record;
    unsigned pins;

    vcpu_scene(rise, 2, settings, &record);
    pins = cpu_record_pins(&record, 30, 35);
    assert_int_equal(cpu_record_pins(&record, 0, 30), 0);
    cpu_record_done(&record);
    return pins;
}

static void a_rise_is_believed_at_once(void **state)
{
    struct vcpu_settings without = defaults();

    (void)state;
    without.rise_half_life_s = 4;
    assert_true(pins_at_the_rise(NULL) > 0);
    assert_int_equal(pins_at_the_rise(&without), 0);
}

static void noise_is_told_from_imbalance(void **state)
{
    struct vcpu_settings without = defaults();

    (void)state;
    without.noise_factor = 0;
    assert_int_equal(all_pins(noise, 1, NULL), 0);
    assert_true(all_pins(noise, 1, &without) > 0);
}

static void a_move_has_to_earn_its_price(void **state)
{
    struct vcpu_settings without = cheap_moves();

    (void)state;
    assert_int_equal(all_pins(crumb, 2, NULL), 0);
    assert_true(all_pins(crumb, 2, &without) > 0);
}

/* The cut that keeps a full pCPU from deciding for all does not hide what can still be gained there. */
static void nobody_stays_beside_a_hog(void **state)
{
    struct vcpu_settings without = defaults();

    (void)state;
    without.count_overload = false;
    assert_int_equal(all_pins(crowded, 2, NULL), 1);
    assert_int_equal(all_pins(crowded, 2, &without), 0);
}

/* Spinning vCPUs of one guest hold each other up where they take turns. */
static void vcpus_of_one_guest_are_kept_apart(void **state)
{
    struct vcpu_settings without = defaults();

    (void)state;
    without.keep_apart = false;
    assert_false(ends_together(pair, NULL));
    assert_true(ends_together(pair, &without));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_deadband_does_not_follow_every_drift),
        cmocka_unit_test(the_idle_guard_rests_without_load),
        cmocka_unit_test(a_burst_is_not_believed_at_once),
        cmocka_unit_test(settling_avoids_a_second_wave),
        cmocka_unit_test(run_delay_shows_what_saturation_hides),
        cmocka_unit_test(without_run_delay_a_full_pcpu_is_a_guess_worth_making),
        cmocka_unit_test(a_fall_is_believed_slowly),
        cmocka_unit_test(a_rise_is_believed_at_once),
        cmocka_unit_test(noise_is_told_from_imbalance),
        cmocka_unit_test(a_move_has_to_earn_its_price),
        cmocka_unit_test(nobody_stays_beside_a_hog),
        cmocka_unit_test(vcpus_of_one_guest_are_kept_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
