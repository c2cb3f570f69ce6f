/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is recorded comes back to the last bit. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/record/codec_memory.h"
#include "agent/record/codec_vcpu.h"
#include "agent/record/codec_vcpu_plan.h"
#include "tests/unit/host_fixture.h"

static struct vcpu_sample vcpu_sample(void)
{
    struct vcpu_sample sample = {
        .at_ns = 123456789012345678u, .n_pcpus = 3, .n_vcpus = 2, .n_guests = 2};

    sample.pcpus = calloc(3, sizeof(*sample.pcpus));
    sample.vcpus = calloc(2, sizeof(*sample.vcpus));
    sample.guests = calloc(2, sizeof(*sample.guests));
    sample.pcpus[0].id = 3;
    sample.pcpus[1] = (struct pcpu_reading){.id = 8191, .background_permille = 17};
    sample.pcpus[2].id = 9000;
    sample.pcpus[2].use = PCPU_OUTSIDE_SLICE;
    sample.pcpus[2].has_busy = true;
    sample.pcpus[2].busy_ns = INT64_MAX;
    for (unsigned i = 0; i < 2; i++) {
        sample.vcpus[i].guest = fake_guest(i);
        sample.vcpus[i].vcpu = 7 * i;
        sample.vcpus[i].cpu_time_ns = INT64_MAX - i;
        cpuset_add(&sample.vcpus[i].allowed, 3);
    }
    for (unsigned c = 0; c < CPUSET_SIZE; c += 2)
        cpuset_add(&sample.vcpus[1].allowed, c); /* the longest list there is */
    cpuset_add(&sample.vcpus[1].affinity, 8191);
    sample.vcpus[1].running = sample.vcpus[1].has_delay = sample.vcpus[1].has_last = true;
    sample.vcpus[1].delay_ns = 99;
    sample.vcpus[1].last_pcpu = 5;
    sample.vcpus[1].quota_permille = 200;
    sample.vcpus[1].reserve_permille = 350;
    sample.vcpus[1].has_strange_limits = true;
    sample.vcpus[1].is_foreign = true;
    sample.vcpus[1].is_ours = true;
    cpuset_add(&sample.vcpus[1].found, 4);
    for (unsigned i = 0; i < 2; i++)
        sample.guests[i].guest = fake_guest(i);
    sample.guests[1].run = 17;
    sample.guests[1].quota_permille = 1500;
    sample.guests[1].has_helpers = true;
    sample.guests[1].helpers_ns = 77;
    cpuset_add(&sample.guests[1].helpers_mask, 2);
    sample.guests[1].memory =
        (struct guest_memory){.is_known = true, .is_bound = true, .is_following = true, .n = 1};
    cpuset_add(&sample.guests[1].memory.bound, 4);
    sample.guests[1].memory.at[0].node = 4;
    sample.guests[1].memory.at[0].permille = 900;
    sample.helpers = calloc(2, sizeof(*sample.helpers));
    sample.n_helpers = 2;
    for (unsigned h = 0; h < 2; h++) {
        sample.helpers[h].guest = fake_guest(1);
        sample.helpers[h].iothread = 3 * h;
        cpuset_add(&sample.helpers[h].affinity, h);
        cpuset_add(&sample.helpers[h].allowed, 8191);
    }
    sample.helpers[0].is_owners = sample.helpers[1].is_ours = true;
    strcpy(sample.vcpus[1].guest.name, "n\xc3\xa4me \"quoted\"\\");
    vcpu_sample_sort(&sample);
    return sample;
}

/* By value: padding is zero on both sides, since both were made with calloc(). */
static void vcpu_samples_come_back(void **state)
{
    struct vcpu_sample sample = vcpu_sample(), back = {0};
    json_t *json = vcpu_sample_to_json(&sample);
    struct err err = {0};

    (void)state;
    assert_non_null(json);
    if (vcpu_sample_from_json(json, &back, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(back.at_ns, sample.at_ns);
    assert_int_equal(back.n_pcpus, 3);
    assert_int_equal(back.n_vcpus, 2);
    assert_int_equal(back.n_guests, 2);
    assert_memory_equal(back.guests, sample.guests, 2 * sizeof(*sample.guests));
    assert_memory_equal(back.pcpus, sample.pcpus, 3 * sizeof(*sample.pcpus));
    assert_memory_equal(back.vcpus, sample.vcpus, 2 * sizeof(*sample.vcpus));
    assert_int_equal(back.n_helpers, 2);
    assert_memory_equal(back.helpers, sample.helpers, 2 * sizeof(*sample.helpers));
    json_decref(json);
    vcpu_sample_done(&sample);
    vcpu_sample_done(&back);
}

static struct memory_sample memory_sample(void)
{
    struct memory_sample sample = {.at_ns = 5,
                                   .host_total_kib = 1u << 30,
                                   .host_free_kib = 7,
                                   .host_available_kib = 8,
                                   .host_arc_kib = 20,
                                   .n_guests = 3};

    sample.guests = calloc(3, sizeof(*sample.guests));
    sample.guests[0] = (struct memory_reading){
        .guest = fake_guest(0), .run = GUEST_MIGRATING, .actual_kib = 1, .maximum_kib = 2};
    sample.guests[1] = (struct memory_reading){
        .guest = fake_guest(1),
        .has_balloon = true,
        .locked = true,
        .lock = MEMORY_LOCK_ENCRYPTED,
        .beside_kib = 18,
        .limit_kib = 19,
        .has = (1 << 8) - 1,
        .actual_kib = 3,
        .maximum_kib = 4,
        .unused_kib = 5,
        .available_kib = 6,
        .usable_kib = 7,
        .caches_kib = 8,
        .swap_in_kib = 9,
        .swap_out_kib = 10,
        .major_faults = 11,
        .stats_age_ns = INT64_MAX,
        .rss_kib = 13,
        .policy = {true, true, true, true, true, 14, 15, 16, 17},
    };
    sample.guests[2] = (struct memory_reading){
        .guest = fake_guest(2), .run = GUEST_OTHER, .has = MEMORY_HAS_UNUSED};
    return sample;
}

static void memory_samples_come_back(void **state)
{
    struct memory_sample sample = memory_sample(), back = {0};
    json_t *json = memory_sample_to_json(&sample);
    struct err err = {0};

    (void)state;
    assert_non_null(json);
    if (memory_sample_from_json(json, &back, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(back.host_total_kib, sample.host_total_kib);
    assert_int_equal(back.host_available_kib, sample.host_available_kib);
    assert_int_equal(back.host_arc_kib, 20);
    assert_int_equal(back.n_guests, 3);
    for (size_t i = 0; i < 3; i++) {
        json_t *again;
        struct memory_sample one = {.guests = &sample.guests[i], .n_guests = 1};
        struct memory_sample two = {.guests = &back.guests[i], .n_guests = 1};
        json_t *first = memory_sample_to_json(&one);

        again = memory_sample_to_json(&two);
        assert_true(json_equal(first, again));
        json_decref(first);
        json_decref(again);
        assert_int_equal(back.guests[i].has, sample.guests[i].has);
        assert_int_equal(back.guests[i].run, sample.guests[i].run);
    }
    assert_int_equal(back.guests[1].stats_age_ns, INT64_MAX);
    assert_int_equal(back.guests[1].rss_kib, 13);
    assert_int_equal(back.guests[1].lock, MEMORY_LOCK_ENCRYPTED);
    assert_int_equal(back.guests[1].beside_kib, 18);
    assert_int_equal(back.guests[1].limit_kib, 19);
    assert_int_equal(back.guests[1].swap_out_kib, 10);
    assert_int_equal(back.guests[1].policy.pin_kib, 16);
    assert_int_equal(back.guests[1].policy.weight, 17);
    json_decref(json);
    memory_sample_done(&sample);
    memory_sample_done(&back);
}

/* Every byte that differs between two settings has to be in the recording. A setting that was added
 * to the struct and not to the recording changes the size: add it to the codec, then here. */
static void settings_come_back(void **state)
{
    struct vcpu_settings vcpu, vcpu_back;
    struct memory_settings memory, memory_back;
    struct err err = {0};
    json_t *json;

    (void)state;
    assert_int_equal(sizeof(struct vcpu_settings) - sizeof(struct work), 160);
    assert_int_equal(sizeof(struct memory_settings) - sizeof(struct work), 272);
    vcpu_settings_default(&vcpu);
    vcpu.objective = PLACEMENT_VARIANCE;
    vcpu.corrections = 2;
    vcpu.news_s = 3;
    vcpu.wide_s = 5;
    vcpu.stay_votes = 4;
    vcpu.learn_habits = vcpu.learn_speeds = vcpu.use_busy = vcpu.use_quotas = vcpu.keep_masks =
        vcpu.level_parts = false;
    vcpu.left_out_s = 1;
    vcpu.level = PIN_LLC;
    vcpu.gate_waiting = false;
    vcpu.waiting_pct = 2.5;
    vcpu.penalty_points = 1.0 / 3;
    vcpu.limits.max_nodes = 77;
    json = vcpu_settings_to_json(&vcpu);
    assert_int_equal(vcpu_settings_from_json(json, &vcpu_back, &err), 0);
    assert_memory_equal(&vcpu_back.penalty_points, &vcpu.penalty_points, 13 * sizeof(double));
    assert_int_equal(vcpu_back.objective, vcpu.objective);
    assert_int_equal(vcpu_back.use_delay, vcpu.use_delay);
    assert_true(vcpu_back.level == PIN_LLC && !vcpu_back.gate_waiting &&
                vcpu_back.waiting_pct == 2.5);
    assert_false(vcpu_back.learn_habits || vcpu_back.learn_speeds || vcpu_back.use_busy ||
                 vcpu_back.use_quotas || vcpu_back.keep_masks || vcpu_back.level_parts);
    assert_int_equal(vcpu_back.limits.max_nodes, 77);
    json_decref(json);
    memory_settings_default(&memory);
    memory.host_reserve_pct = 0.1;
    memory.max_reverts = 5;
    memory.use_pairing = false;
    memory.keep_lp = memory.explain = false;
    json = memory_settings_to_json(&memory);
    assert_int_equal(memory_settings_from_json(json, &memory_back, &err), 0);
    memory_back.limits = memory.limits;
    assert_memory_equal(&memory_back, &memory, offsetof(struct memory_settings, limits));
    json_object_del(json, "stuck_s");
    assert_int_equal(memory_settings_from_json(json, &memory_back, &err), -EINVAL);
    assert_non_null(strstr(err.text, "stuck_s"));
    json_decref(json);
}

/* The plan's lists are what a replay is about: nothing of them may be missing. */
static void plans_are_recorded_whole(void **state)
{
    struct vcpu_pin pin = {.guest = fake_guest(1), .vcpu = 3, .from_place = -1, .to_place = 9};
    struct vcpu_place place = {.vcpu = 4};
    struct pcpu_load load = {.id = 5};
    struct vcpu_plan vcpu = {
        .pins = &pin, .n_pins = 1, .places = &place, .n_places = 1, .pcpus = &load, .n_pcpus = 1};
    struct balloon_step step = {.guest = fake_guest(2), .from_kib = 6, .to_kib = 7};
    struct memory_place guest = {.guest = fake_guest(2), .target_kib = 8};
    struct memory_plan memory = {.reclaims = &step,
                                 .n_reclaims = 1,
                                 .grants = &step,
                                 .n_grants = 1,
                                 .places = &guest,
                                 .n_places = 1};
    static const char *const lists[] = {"pins", "places", "pcpus"};
    static const char *const memory_lists[] = {"reclaims", "grants", "places"};
    json_t *json = vcpu_plan_to_json(&vcpu);

    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(json_array_size(json_object_get(json, lists[i])), 1);
    json_decref(json);
    json = memory_plan_to_json(&memory);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(json_array_size(json_object_get(json, memory_lists[i])), 1);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vcpu_samples_come_back),
        cmocka_unit_test(memory_samples_come_back),
        cmocka_unit_test(settings_come_back),
        cmocka_unit_test(plans_are_recorded_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
