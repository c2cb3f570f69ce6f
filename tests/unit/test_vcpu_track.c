/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/simulated/random.h"
#include "planner/vcpu/track.h"
#include "tests/unit/guest_fixture.h"

struct history {
    struct guest_kit kit;
    struct vcpu_settings settings;
    struct vcpu_tracks tracks;
};

static void look(struct history *history)
{
    struct vcpu_tracks next;
    struct err err = {0};

    if (vcpu_tracks_next(&history->settings, &history->tracks, &history->kit.sample, &next, &err))
        fail_msg("%s", err.text);
    vcpu_tracks_done(&history->tracks);
    history->tracks = next;
}

static void pass(struct history *history, int load_permille, double seconds)
{
    history->kit.load_permille[0] = load_permille;
    guest_kit_pass(&history->kit, seconds);
    look(history);
}

static void begin(struct history *history, size_t n_vcpus)
{
    memset(history, 0, sizeof(*history));
    vcpu_settings_default(&history->settings);
    guest_kit_all(&history->kit, 4, n_vcpus, "0-3");
    look(history);
}

static void usage_is_known_from_the_second_sample_on(void **state)
{
    struct history h;

    (void)state;
    begin(&h, 1);
    assert_false(h.tracks.track[0].known);
    pass(&h, 300, 2.0);
    assert_true(h.tracks.track[0].known);
    assert_float_equal(h.tracks.track[0].demand, 0.3, 1e-6);
    vcpu_tracks_done(&h.tracks);
}

static void what_was_there_at_the_start_is_believed(void **state)
{
    struct history h;

    (void)state;
    begin(&h, 1);
    pass(&h, 950, 1.0);
    assert_false(vcpu_track_is_settling(&h.tracks, 0));
    vcpu_tracks_done(&h.tracks);
}

static void who_comes_out_of_idle_settles_until_two_calm_intervals(void **state)
{
    struct history h;

    (void)state;
    begin(&h, 1);
    pass(&h, 10, 1.0);
    pass(&h, 950, 1.0);
    assert_int_equal(h.tracks.track[0].settling, VCPU_WOKE);
    for (int i = 0; i < 3; i++) {
        assert_true(vcpu_track_is_restless(&h.tracks, 0));
        pass(&h, 950, 1.0);
    }
    pass(&h, 700, 1.0); /* a mixture of start and level */
    assert_true(vcpu_track_is_restless(&h.tracks, 0));
    pass(&h, 400, 1.0);
    assert_false(vcpu_track_is_restless(&h.tracks, 0));
    assert_float_equal(h.tracks.track[0].demand, 0.4, 1e-6); /* nothing of the start is left */
    vcpu_tracks_done(&h.tracks);
}

static void a_start_that_never_ends_is_a_load(void **state)
{
    struct history h;
    int waited = 0;

    (void)state;
    begin(&h, 1);
    pass(&h, 10, 1.0);
    pass(&h, 980, 1.0);
    while (vcpu_track_is_restless(&h.tracks, 0) && waited++ < 60)
        pass(&h, 980, 1.0);
    assert_in_range(waited, 6, 9);
    vcpu_tracks_done(&h.tracks);
}

static void a_rise_is_believed_at_once_and_a_fall_slowly(void **state)
{
    struct history h;

    (void)state;
    begin(&h, 1);
    for (int i = 0; i < 10; i++)
        pass(&h, 400, 1.0);
    pass(&h, 550, 1.0);
    assert_float_equal(h.tracks.track[0].demand, 0.55, 1e-6);
    pass(&h, 200, h.settings.fall_half_life_s);
    assert_float_equal(h.tracks.track[0].demand, 0.375, 1e-6);
    vcpu_tracks_done(&h.tracks);
}

/* Without run delay: what was seen with room is known better than any estimate on a full pCPU, and
 * an estimate gives way to what is seen. */
static void without_delay_what_was_seen_with_room_is_remembered(void **state)
{
    struct history h;

    (void)state;
    begin(&h, 3);
    h.kit.has_delay = false;
    for (size_t i = 0; i < 3; i++)
        guest_kit_pin(&h.kit, i, "0");
    h.kit.load_permille[1] = 420;
    h.kit.load_permille[2] = 420;
    pass(&h, 420, 1.0);
    assert_true(h.tracks.track[0].censored);
    assert_float_equal(h.tracks.track[0].demand, 0.667, 0.01); /* between a third and all */
    guest_kit_pin(&h.kit, 0, "1");
    pass(&h, 420, 1.0);
    assert_float_equal(h.tracks.track[0].demand, 0.42, 1e-6);
    guest_kit_pin(&h.kit, 0, "0");
    pass(&h, 420, 1.0);
    assert_true(h.tracks.track[0].censored);
    assert_float_equal(h.tracks.track[0].demand, 0.42, 1e-6);
    vcpu_tracks_done(&h.tracks);
}

static void noise_is_averaged(void **state)
{
    struct history h;

    (void)state;
    begin(&h, 1);
    for (int i = 0; i < 40; i++) {
        pass(&h, i % 2 ? 415 : 385, 1.0);
        if (i > 8)
            assert_float_equal(h.tracks.track[0].demand, 0.4, 0.006);
    }
    vcpu_tracks_done(&h.tracks);
}

static void a_single_step_is_not_taken_for_noise_but_jumping_is(void **state)
{
    struct history h;

    (void)state;
    begin(&h, 1);
    for (int i = 0; i < 20; i++)
        pass(&h, 200, 1.0);
    pass(&h, 390, 1.0);
    assert_true(h.tracks.track[0].noise < 0.02);
    for (int i = 0; i < 30; i++)
        pass(&h, i % 2 ? 500 : 320, 1.0);
    assert_true(h.tracks.track[0].noise > 0.08);
    vcpu_tracks_done(&h.tracks);
}

enum { WAVERING = 8 };

/* Some vCPUs whose demand wanders, or is thrown anew each interval. How far from its mean the
 * forecast of one goes, as a share of how far the observations do. */
static double followed(double persistence, bool learn)
{
    struct random random = random_stream(3, 0);
    double forecasts = 0, observations = 0, off[WAVERING] = {0};
    struct history h;

    begin(&h, WAVERING);
    h.settings.learn_habits = learn;
    for (int t = 0; t < 300; t++) {
        for (int i = 0; i < WAVERING; i++) {
            off[i] = persistence * off[i] +
                     20 * sqrt(1 - persistence * persistence) * random_normal(&random);
            h.kit.load_permille[i] = 300 + (int)lround(off[i]);
        }
        pass(&h, h.kit.load_permille[0], 2.0);
        if (t >= 100) {
            forecasts += fabs(h.tracks.track[0].demand - 0.3);
            observations += fabs(h.tracks.track[0].observed - 0.3);
        }
    }
    vcpu_tracks_done(&h.tracks);
    return forecasts / observations;
}

static void noise_that_wanders_is_followed_and_other_noise_is_not(void **state)
{
    double wandering = followed(0.6, true), averaged = followed(0.6, false);

    (void)state;
    if (wandering < averaged + 0.04)
        fail_msg("%.2f of wandering noise is followed, %.2f unlearnt", wandering, averaged);
    assert_true(followed(0, true) < followed(0, false) + 0.02);
}

/* What is learnt from pulses of this shape, one value an interval. */
static struct vcpu_persistence after_pulses(const int pulse[8])
{
    struct vcpu_persistence persistence;
    struct history h;

    begin(&h, 1);
    for (int i = 0; i < 32; i++)
        pass(&h, 300 + pulse[i % 8], 2.0);
    persistence = h.tracks.persistence;
    vcpu_tracks_done(&h.tracks);
    return persistence;
}

static void jumps_are_remembered_by_whether_they_last(void **state)
{
    static const int one[8] = {0, 0, 0, 0, 150, 0, 0, 0};
    static const int astride[8] = {0, 0, 0, 0, 90, 90, 0, 0};
    static const int high[8] = {0, 0, 0, 0, 400, 0, 0, 0};
    static const int good[8] = {0, 0, 0, 0, 150, 150, 150, 150};
    struct vcpu_persistence persistence;

    (void)state;
    persistence = after_pulses(one);
    assert_true(persistence.returned > 0.9 && persistence.lasted == 0);
    persistence = after_pulses(astride);
    assert_true(persistence.returned > 0.9 && persistence.lasted == 0);
    persistence = after_pulses(high);
    assert_true(persistence.returned > 0.9 && persistence.lasted == 0);
    persistence = after_pulses(good);
    assert_true(persistence.lasted > 1.5 && persistence.returned == 0);
}

/* A guest stops, another one starts, a third restarts: each keeps only what is its own. */
static void births_deaths_and_restarts_keep_histories_apart(void **state)
{
    struct history h;

    (void)state;
    begin(&h, 3);
    for (size_t i = 0; i < 3; i++)
        h.kit.load_permille[i] = 200 * ((int)i + 1);
    guest_kit_pass(&h.kit, 1.0);
    look(&h);
    h.kit.vcpus[0] = h.kit.vcpus[1];
    h.kit.vcpus[1] = h.kit.vcpus[2];
    h.kit.vcpus[1].cpu_time_ns = 5;
    h.kit.vcpus[2].guest.uuid[0] = 77;
    h.kit.load_permille[0] = 400;
    guest_kit_pass(&h.kit, 1.0);
    h.kit.vcpus[1].cpu_time_ns = 10;
    look(&h);
    assert_true(h.tracks.track[0].known);
    assert_float_equal(h.tracks.track[0].demand, 0.4, 1e-6);
    assert_false(h.tracks.track[1].known);
    assert_false(h.tracks.track[2].known);
    vcpu_tracks_done(&h.tracks);
}

/* It comes between two guests in the order of the sample, with counters beyond those of the next
 * one. */
static void a_newcomer_inherits_nothing_from_its_neighbour(void **state)
{
    struct history h;

    (void)state;
    begin(&h, 3);
    h.kit.load_permille[1] = h.kit.load_permille[2] = 300;
    guest_kit_pass(&h.kit, 1.0);
    look(&h);
    h.kit.vcpus[1].guest.uuid[1] = 1;
    h.kit.vcpus[1].cpu_time_ns = h.kit.vcpus[2].cpu_time_ns + 500000000;
    guest_kit_pass(&h.kit, 1.0);
    look(&h);
    assert_false(h.tracks.track[1].known);
    assert_float_equal(h.tracks.track[2].demand, 0.3, 1e-6);
    vcpu_tracks_done(&h.tracks);
}

static void nonsense_is_refused_with_its_name(void **state)
{
    struct history h;
    struct vcpu_tracks next = {.n = 42};
    struct err err = {0};

    (void)state;
    begin(&h, 2);
    assert_int_equal(vcpu_tracks_next(&h.settings, &h.tracks, &h.kit.sample, &next, &err), -EINVAL);
    assert_non_null(strstr(err.text, "no time passed"));
    h.kit.vcpus[1] = h.kit.vcpus[0];
    h.kit.sample.at_ns += 1;
    assert_int_equal(vcpu_tracks_next(&h.settings, &h.tracks, &h.kit.sample, &next, &err), -EINVAL);
    assert_non_null(strstr(err.text, "'g0'"));
    assert_int_equal(next.n, 42);
    vcpu_tracks_done(&h.tracks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage_is_known_from_the_second_sample_on),
        cmocka_unit_test(what_was_there_at_the_start_is_believed),
        cmocka_unit_test(who_comes_out_of_idle_settles_until_two_calm_intervals),
        cmocka_unit_test(a_start_that_never_ends_is_a_load),
        cmocka_unit_test(a_rise_is_believed_at_once_and_a_fall_slowly),
        cmocka_unit_test(without_delay_what_was_seen_with_room_is_remembered),
        cmocka_unit_test(noise_is_averaged),
        cmocka_unit_test(a_single_step_is_not_taken_for_noise_but_jumping_is),
        cmocka_unit_test(noise_that_wanders_is_followed_and_other_noise_is_not),
        cmocka_unit_test(jumps_are_remembered_by_whether_they_last),
        cmocka_unit_test(births_deaths_and_restarts_keep_histories_apart),
        cmocka_unit_test(a_newcomer_inherits_nothing_from_its_neighbour),
        cmocka_unit_test(nonsense_is_refused_with_its_name),
    };

    return cmocka_run_group_tests_name("vcpu_track", tests, NULL, NULL);
}
