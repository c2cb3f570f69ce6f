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

/* Whether the last of these observations counts as a jump. */
static bool has_jumped(const int *permille, int n)
{
    struct history h;
    bool jumped;

    begin(&h, 1);
    for (int i = 0; i < n; i++)
        pass(&h, permille[i], 2.0);
    jumped = h.tracks.track[0].jumped;
    vcpu_tracks_done(&h.tracks);
    return jumped;
}

static void who_leaves_its_level_is_news_until_that_is_its_level(void **state)
{
    static const int calm[] = {300, 301, 300, 299, 301}, stays[] = {300, 450, 450, 450, 450};
    static const int rises[] = {300, 301, 300, 299, 450}, falls[] = {300, 301, 300, 299, 150};

    (void)state;
    assert_false(has_jumped(calm, 5));
    assert_true(has_jumped(rises, 5));
    assert_true(has_jumped(falls, 5));
    assert_false(has_jumped(stays, 5));
}

/* It ran 0 or 60 % by turns for a minute: planned with its mean. Where histories are not heeded, it
 * is planned with what it just did. */
static void what_wanders_is_planned_with_its_mean(void **state)
{
    (void)state;
    for (int learn = 0; learn < 2; learn++) {
        struct history h;
        double demand;

        begin(&h, 1);
        h.settings.learn_habits = learn;
        for (int i = 0; i < 40; i++)
            pass(&h, i % 2 ? 600 : 100, 2.0);
        demand = h.tracks.track[0].demand;
        vcpu_tracks_done(&h.tracks);
        if (learn)
            assert_float_equal(demand, 0.35, 0.03);
        else
            assert_true(demand > 0.5);
    }
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
        cmocka_unit_test(who_leaves_its_level_is_news_until_that_is_its_level),
        cmocka_unit_test(what_wanders_is_planned_with_its_mean),
        cmocka_unit_test(births_deaths_and_restarts_keep_histories_apart),
        cmocka_unit_test(a_newcomer_inherits_nothing_from_its_neighbour),
        cmocka_unit_test(nonsense_is_refused_with_its_name),
    };

    return cmocka_run_group_tests_name("vcpu_track", tests, NULL, NULL);
}
