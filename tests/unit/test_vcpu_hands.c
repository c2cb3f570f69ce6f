/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is left to somebody else that changes masks, and which plans count as answers to him. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/vcpu/track.h"
#include "tests/unit/guest_fixture.h"

enum { VCPUS = 6 };

struct hands_kit {
    struct guest_kit guests;
    struct vcpu_settings settings;
    struct vcpu_track track[VCPUS];
    struct vcpu_tracks tracks;
};

/* So many guests, and all have as many vCPUs. */
static void begin(struct hands_kit *kit, size_t n_guests)
{
    memset(kit, 0, sizeof(*kit));
    guest_kit_all(&kit->guests, 4, VCPUS, "0-3");
    for (size_t i = 0; i < VCPUS; i++) {
        kit->guests.vcpus[i].guest = kit->guests.vcpus[i * n_guests / VCPUS].guest;
        kit->guests.vcpus[i].vcpu = (unsigned)i;
    }
    vcpu_sample_sort(&kit->guests.sample);
    for (size_t i = 0; i < VCPUS; i++)
        kit->track[i].counter = vcpu_counter(&kit->guests.vcpus[i]);
    vcpu_settings_default(&kit->settings);
    kit->tracks = (struct vcpu_tracks){.track = kit->track, .n = VCPUS};
}

/* Ten seconds later somebody has changed the vCPU's mask, and the plan changes `moved`'s, unless that is
 * to be left where it is. */
static void change(struct hands_kit *kit, size_t touched, size_t moved)
{
    bool is_left;

    kit->tracks.at_ns += 10000000000;
    for (size_t i = 0; i < VCPUS; i++)
        kit->guests.vcpus[i].is_foreign = i == touched;
    vcpu_tracks_see_hands(&kit->settings, &kit->guests.sample, &kit->tracks);
    is_left = vcpu_track_is_refusing(&kit->tracks, moved);
    kit->track[moved].foreign.is_planned = kit->tracks.duel.is_planned = !is_left;
}

static void apply(struct hands_kit *kit)
{
    vcpu_tracks_applied(&kit->settings, &kit->tracks);
}

static unsigned corrections(const struct hands_kit *kit)
{
    unsigned sum = 0;

    for (size_t i = 0; i < VCPUS; i++)
        sum += kit->track[i].foreign.corrections;
    return sum;
}

static void take_turns(struct hands_kit *kit, int times)
{
    for (int i = 0; i < times * VCPUS; i++) {
        change(kit, (size_t)i % VCPUS, (size_t)i % VCPUS);
        apply(kit);
    }
}

static void who_takes_turns_with_the_vcpus_of_a_guest_is_left_that_guest(void **state)
{
    struct hands_kit kit;

    (void)state;
    begin(&kit, 1);
    take_turns(&kit, 3);
    assert_int_equal(corrections(&kit), 3);
    assert_false(vcpu_tracks_are_yielded(&kit.tracks));
    for (size_t i = 0; i < VCPUS; i++)
        assert_true(vcpu_track_is_yielded(&kit.tracks, i));
    begin(&kit, 1);
    kit.settings.corrections = 1e9;
    take_turns(&kit, 3);
    assert_int_equal(corrections(&kit), 3 * VCPUS);
}

/* However many vCPUs he moves at once, and we with them. */
static void one_plan_is_one_answer(void **state)
{
    struct hands_kit kit;

    (void)state;
    begin(&kit, 1);
    kit.tracks.at_ns = 1;
    for (size_t i = 0; i < VCPUS; i++)
        kit.guests.vcpus[i].is_foreign = i < VCPUS - 1;
    vcpu_tracks_see_hands(&kit.settings, &kit.guests.sample, &kit.tracks);
    for (size_t i = 0; i < VCPUS - 1; i++)
        kit.track[i].foreign.is_planned = true;
    apply(&kit);
    assert_int_equal(corrections(&kit), VCPUS - 1);
    change(&kit, VCPUS - 1, VCPUS - 1);
    assert_false(vcpu_track_is_yielded(&kit.tracks, VCPUS - 1));
    change(&kit, 0, 0);
    assert_true(vcpu_track_is_yielded(&kit.tracks, 0)); /* this one was answered itself */
}

static void who_takes_turns_with_guests_is_left_all(void **state)
{
    struct hands_kit kit;

    (void)state;
    begin(&kit, VCPUS);
    take_turns(&kit, 1);
    assert_int_equal(corrections(&kit), 3);
    assert_true(vcpu_tracks_are_yielded(&kit.tracks));
}

static void a_plan_that_was_not_carried_out_is_no_answer(void **state)
{
    struct hands_kit kit;

    (void)state;
    begin(&kit, VCPUS);
    for (int i = 0; i < 20; i++)
        change(&kit, 0, 0);
    assert_false(vcpu_track_is_refusing(&kit.tracks, 0));
    vcpu_tracks_refuse(&kit.settings, &kit.tracks, &kit.guests.vcpus[0].guest, 0, -1);
    apply(&kit);
    assert_int_equal(corrections(&kit), 0);
    change(&kit, 1, 1);
    apply(&kit);
    apply(&kit);
    assert_int_equal(corrections(&kit), 1);
}

static void who_follows_what_others_move_does_so_three_times(void **state)
{
    struct hands_kit kit;

    (void)state;
    begin(&kit, VCPUS);
    for (int i = 0; i < 3; i++) {
        assert_false(vcpu_track_is_resting(&kit.tracks, 5));
        change(&kit, 0, 5);
        apply(&kit);
    }
    assert_true(vcpu_track_is_resting(&kit.tracks, 5));
    assert_false(vcpu_tracks_are_yielded(&kit.tracks));
    for (size_t i = 1; i < 5; i++)
        assert_false(vcpu_track_is_refusing(&kit.tracks, i));
}

/* From one of two caches to the node behind them. */
static void who_outgrows_a_set_is_remembered_once_that_is_done(void **state)
{
    static const double wide_s[] = {0, 300};
    struct vcpu_place places[VCPUS] = {{0}};
    const struct vcpu_plan plan = {
        .places = places, .n_places = VCPUS, .n_pins = 1, .n_sets = 3, .n_bins = 2};
    struct hands_kit kit;

    (void)state;
    places[0].to_place = 2;
    for (size_t k = 0; k < 2; k++) {
        struct vcpu_guest_track track = {0};

        begin(&kit, 1);
        memcpy(track.uuid, kit.guests.vcpus[0].guest.uuid, sizeof(track.uuid));
        kit.tracks.guests = (struct vcpu_guest_tracks){.track = &track, .n = 1};
        kit.settings.wide_s = wide_s[k];
        vcpu_tracks_plan(&kit.guests.sample, &plan, &kit.tracks);
        assert_false(backoff_is_waiting(&track.wide, 1));
        apply(&kit);
        assert_int_equal(backoff_is_waiting(&track.wide, 1), wide_s[k] > 0);
    }
}

/* Only the planner knows what it has planned, and only the agent what became of it. */
static void a_planner_counts_what_it_is_told(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct guest_kit kit;
    struct vcpu_plan plan;

    (void)state;
    guest_kit_all(&kit, 4, 4, "0");
    for (size_t i = 0; i < 4; i++)
        kit.load_permille[i] = 400;
    for (int i = 0; i < 20; i++) {
        kit.vcpus[0].is_foreign = kit.vcpus[1].is_foreign = i > 2;
        guest_kit_pass(&kit, 2);
        guest_kit_plan(&kit, planner, &plan);
        if (i > 2) {
            assert_int_equal(plan.verdict, VERDICT_APPLY);
            assert_false(plan.is_yielded || plan.places[0].is_yielded);
        }
        vcpu_plan_done(&plan);
    }
    vcpu_planner_applied(planner);
    guest_kit_pass(&kit, 2);
    guest_kit_plan(&kit, planner, &plan);
    assert_true(plan.places[0].is_yielded || plan.places[1].is_yielded);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_takes_turns_with_the_vcpus_of_a_guest_is_left_that_guest),
        cmocka_unit_test(one_plan_is_one_answer),
        cmocka_unit_test(who_takes_turns_with_guests_is_left_all),
        cmocka_unit_test(a_plan_that_was_not_carried_out_is_no_answer),
        cmocka_unit_test(who_follows_what_others_move_does_so_three_times),
        cmocka_unit_test(who_outgrows_a_set_is_remembered_once_that_is_done),
        cmocka_unit_test(a_planner_counts_what_it_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
