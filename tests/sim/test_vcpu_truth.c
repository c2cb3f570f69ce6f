/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/sim/vcpu_scene.h"

/* The picture that is planned for is the host's true one: what stops a vCPU, what else runs, and
 * where guests may run at all. Each defence is won with and lost without. */

static struct vcpu_settings defaults(void)
{
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    return settings;
}

enum { SEEDS = 4, SCENE_SIZE = 1500 };

/* With every seed, so 0 means none with any. */
static unsigned all_pins(const char *scene, const struct vcpu_settings *settings)
{
    unsigned pins = 0;

    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct cpu_record record;
        char seeded[SCENE_SIZE];

        vcpu_scene_seeded(scene, seed, seeded);
        vcpu_scene(seeded, 2, settings, &record);
        pins += vcpu_scene_pins(&record, 0);
        cpu_record_done(&record);
    }
    return pins;
}

/* Whether any vCPU was ever pinned to a pCPU. */
static bool was_used(const struct cpu_record *record, unsigned pcpu)
{
    for (size_t k = 0; k < record->n_samples * record->n_vcpus; k++) {
        int p = record->pinned[k];

        if (p >= 0 && record->pcpu_ids[p] == pcpu)
            return true;
    }
    return false;
}

/* Four guests of 20 % each on one pCPU look like four that want all of it. */
#define CAPPED                                                                                     \
    "{\"duration_s\": 60, \"host\": {\"pcpus\": 4}, \"guests\": ["                                 \
    "{\"name\": \"capped\", \"count\": 4, \"pct\": 95, \"quota_pct\": 20, \"affinity\": \"0\"},"   \
    "{\"name\": \"a\", \"pct\": 80, \"affinity\": \"1\"},"                                         \
    "{\"name\": \"b\", \"pct\": 80, \"affinity\": \"2\"},"                                         \
    "{\"name\": \"c\", \"pct\": 80, \"affinity\": \"3\"}]}"

static void a_quota_is_no_contention(void **state)
{
    struct vcpu_settings told = defaults(), without = defaults();

    (void)state;
    told.use_busy = false;
    without.use_busy = without.use_quotas = false;
    assert_int_equal(all_pins(CAPPED, NULL), 0);
    assert_int_equal(all_pins(CAPPED, &told), 0);
    assert_true(all_pins(CAPPED, &without) > 0);
}

/* A group or a container above the guest: no definition tells of it, busy times do. */
static void a_cap_that_nobody_tells_is_no_contention(void **state)
{
    struct vcpu_settings hidden = defaults(), without = defaults();

    (void)state;
    hidden.use_quotas = false;
    without.use_quotas = without.use_busy = false;
    assert_int_equal(all_pins(CAPPED, &hidden), 0);
    assert_true(all_pins(CAPPED, &without) > 0);
}

/* Its four vCPUs want 90 % each and may have 100 % together, pinned two by two. */
#define SHARED_QUOTA                                                                               \
    "{\"duration_s\": 60, \"host\": {\"pcpus\": 4}, \"guests\": ["                                 \
    "{\"name\": \"capped\", \"vcpus\": 4, \"pct\": 90, \"guest_quota_pct\": 100,"                  \
    "\"affinity\": \"0\"},"                                                                        \
    "{\"name\": \"a\", \"pct\": 90, \"affinity\": \"1\"},"                                         \
    "{\"name\": \"b\", \"pct\": 90, \"affinity\": \"2\"},"                                         \
    "{\"name\": \"c\", \"pct\": 90, \"affinity\": \"3\"}]}"

static void a_quota_of_a_whole_guest_is_no_contention(void **state)
{
    struct vcpu_settings told = defaults(), without = defaults();

    (void)state;
    told.use_busy = false;
    without.use_busy = without.use_quotas = false;
    assert_int_equal(all_pins(SHARED_QUOTA, &told), 0);
    assert_true(all_pins(SHARED_QUOTA, &without) > 0);
}

/* Somebody gave four guests two of four pCPUs, as libvirt does where the others are isolated. */
#define MASKED                                                                                     \
    "{\"duration_s\": 60, \"host\": {\"pcpus\": 4}, \"guests\": ["                                 \
    "{\"name\": \"a\", \"count\": 4, \"pct\": 45, \"affinity\": \"2-3\"}]}"

static void a_live_mask_of_two_or_more_binds(void **state)
{
    struct vcpu_settings without = defaults();
    struct cpu_record record;

    (void)state;
    without.keep_masks = false;
    vcpu_scene(MASKED, 2, NULL, &record);
    assert_false(was_used(&record, 0) || was_used(&record, 1));
    assert_int_equal(vcpu_scene_pinned_on(&record, 2), 2);
    assert_int_equal(vcpu_scene_pinned_on(&record, 3), 2);
    cpu_record_done(&record);
    vcpu_scene(MASKED, 2, &without, &record);
    assert_true(was_used(&record, 0));
    cpu_record_done(&record);
}

/* Later another one: pinned by us to one of 2-3, it is given 0-1. */
static void a_mask_that_is_changed_binds_anew(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"duration_s\": 80, \"host\": {\"pcpus\": 4}, \"guests\": ["
               "{\"name\": \"a\", \"count\": 4, \"pct\": 45, \"affinity\": \"2-3\"}],"
               "\"events\": [{\"at_s\": 40, \"do\": \"pin\", \"pcpus\": \"0-1\"}]}",
               2, NULL, &record);
    assert_int_equal(vcpu_scene_pinned_on(&record, 0), 2);
    assert_int_equal(vcpu_scene_pinned_on(&record, 1), 2);
    cpu_record_done(&record);
}

/* Isolated, tickless, and outside of the slice in which guests live. */
#define APART(told)                                                                                \
    "{\"duration_s\": 60, \"host\": {\"pcpus\": 6, \"isolated\": \"0\", \"tickless\": \"1\","      \
    "\"slice\": \"0-4\", \"told\": " told "}, \"guests\": ["                                       \
    "{\"name\": \"a\", \"count\": 6, \"pct\": 40, \"affinity\": \"2\"}]}"

static void pcpus_that_are_not_ours_are_never_used(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene(APART("false"), 2, NULL, &record);
    assert_true(was_used(&record, 0) && was_used(&record, 1));
    cpu_record_done(&record);
    vcpu_scene(APART("true"), 2, NULL, &record);
    assert_false(was_used(&record, 0) || was_used(&record, 1) || was_used(&record, 5));
    for (unsigned p = 2; p < 5; p++)
        assert_int_equal(vcpu_scene_pinned_on(&record, p), 2);
    cpu_record_done(&record);
}

/* A pin to an isolated pCPU is somebody's intention. */
#define RIGHTLY_APART(told)                                                                        \
    "{\"duration_s\": 60, \"host\": {\"pcpus\": 3, \"isolated\": \"0\", \"told\": " told "},"      \
    "\"guests\": [{\"name\": \"rt\", \"pct\": 30, \"affinity\": \"0\"},"                           \
    "{\"name\": \"a\", \"count\": 4, \"pct\": 40, \"affinity\": \"1\"}]}"

static void who_is_pinned_to_an_isolated_pcpu_stays(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene(RIGHTLY_APART("false"), 2, NULL, &record);
    assert_true(vcpu_scene_pinned_on(&record, 0) > 1);
    cpu_record_done(&record);
    vcpu_scene(RIGHTLY_APART("true"), 2, NULL, &record);
    assert_int_equal(vcpu_scene_pinned_on(&record, 0), 1);
    assert_int_equal(vcpu_scene_pinned_on(&record, 1), 2);
    assert_int_equal(vcpu_scene_pinned_on(&record, 2), 2);
    cpu_record_done(&record);
}

/* A slice that no mask shows: pins outside 9-12 are refused. */
#define SLICE                                                                                      \
    "{\"duration_s\": 40, \"host\": {\"pcpus\": 16}, \"guests\": ["                                \
    "{\"name\": \"a\", \"vcpus\": 4, \"pct\": 80, \"affinity\": \"12\", \"may_run\": \"9-12\"}]}"

static void a_refused_pin_teaches(void **state)
{
    struct vcpu_settings without = defaults();
    struct cpu_record record;

    (void)state;
    without.left_out_s = 0;
    vcpu_scene(SLICE, 2, NULL, &record);
    for (unsigned p = 9; p <= 12; p++)
        assert_int_equal(vcpu_scene_pinned_on(&record, p), 1);
    cpu_record_done(&record);
    vcpu_scene(SLICE, 2, &without, &record);
    assert_true(vcpu_scene_pinned_on(&record, 12) > 1);
    cpu_record_done(&record);
}

/* Of four guests on one of two pCPUs two have limits that cannot be read. */
#define STRANGE(told)                                                                              \
    "{\"duration_s\": 60, \"host\": {\"pcpus\": 2}, \"guests\": ["                                 \
    "{\"name\": \"odd\", \"count\": 2, \"pct\": 45, \"affinity\": \"0\","                          \
    "\"strange_limits\": true, \"told\": " told "},"                                               \
    "{\"name\": \"a\", \"count\": 2, \"pct\": 35, \"affinity\": \"0\"}]}"

/* Whether the first two guests were ever pinned to pCPU 1. */
static bool have_first_two_moved(const char *scene)
{
    struct cpu_record record;
    bool have = false;

    vcpu_scene(scene, 2, NULL, &record);
    for (size_t s = 0; s < record.n_samples; s++)
        for (size_t v = 0; v < 2; v++)
            have = have || record.pinned[s * record.n_vcpus + v] == 1;
    cpu_record_done(&record);
    return have;
}

static void limits_that_cannot_be_read_mean_leave_it_alone(void **state)
{
    (void)state;
    assert_false(have_first_two_moved(STRANGE("true")));
    assert_true(have_first_two_moved(STRANGE("false")));
    assert_int_equal(all_pins(STRANGE("true"), NULL), 2 * SEEDS);
}

/* Three guests of which the owner says: on pCPU 0. What says so may be a persistent definition, or
 * the only one that a transient guest has. */
#define OWNED(told)                                                                                \
    "{\"duration_s\": 60, \"host\": {\"pcpus\": 2}, \"guests\": ["                                 \
    "{\"name\": \"a\", \"count\": 3, \"pct\": 60, \"affinity\": \"0\", \"allowed\": \"0\","        \
    "\"told\": " told "}]}"

static void what_the_owner_says_binds_however_uneven_it_is(void **state)
{
    (void)state;
    assert_int_equal(all_pins(OWNED("true"), NULL), 0);
    assert_true(all_pins(OWNED("false"), NULL) > 0);
}

/* Four guests crowd the two pCPUs to which they are confined; four others share one of four. */
#define CONFINED                                                                                   \
    "{\"duration_s\": 12, \"host\": {\"pcpus\": 6}, \"guests\": ["                                 \
    "{\"name\": \"a\", \"count\": 4, \"pct\": 95, \"affinity\": \"0-1\"},"                         \
    "{\"name\": \"b\", \"count\": 4, \"pct\": 20, \"affinity\": \"2\"}]}"

static void the_others_are_balanced_beside_a_crowded_part(void **state)
{
    struct vcpu_settings without = defaults();
    struct cpu_record record;

    (void)state;
    without.level_parts = false;
    vcpu_scene(CONFINED, 2, NULL, &record);
    for (unsigned p = 0; p < 2; p++)
        assert_int_equal(vcpu_scene_pinned_on(&record, p), 2);
    for (unsigned p = 2; p < 6; p++)
        assert_int_equal(vcpu_scene_pinned_on(&record, p), 1);
    cpu_record_done(&record);
    vcpu_scene(CONFINED, 2, &without, &record);
    assert_true(vcpu_scene_pinned_on(&record, 2) > 1);
    cpu_record_done(&record);
}

/* Three guests overfill their two pCPUs, one of which can only have one of them. Two others are there as
 * well, and four pCPUs are nearly idle. */
#define OVERFULL                                                                                   \
    "{\"duration_s\": 40, \"host\": {\"pcpus\": 6}, \"guests\": ["                                 \
    "{\"name\": \"a\", \"count\": 3, \"pct\": 95, \"affinity\": \"0-1\"},"                         \
    "{\"name\": \"b\", \"count\": 2, \"pct\": 30, \"affinity\": \"1\"},"                           \
    "{\"name\": \"c\", \"count\": 4, \"pct\": 20, \"affinity\": \"2-5\"}]}"

static void who_may_leave_an_overfull_part_does(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene(OVERFULL, 2, NULL, &record);
    assert_int_equal(vcpu_scene_pinned_on(&record, 0) + vcpu_scene_pinned_on(&record, 1), 3);
    cpu_record_done(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quota_is_no_contention),
        cmocka_unit_test(a_cap_that_nobody_tells_is_no_contention),
        cmocka_unit_test(a_quota_of_a_whole_guest_is_no_contention),
        cmocka_unit_test(a_live_mask_of_two_or_more_binds),
        cmocka_unit_test(a_mask_that_is_changed_binds_anew),
        cmocka_unit_test(pcpus_that_are_not_ours_are_never_used),
        cmocka_unit_test(who_is_pinned_to_an_isolated_pcpu_stays),
        cmocka_unit_test(a_refused_pin_teaches),
        cmocka_unit_test(limits_that_cannot_be_read_mean_leave_it_alone),
        cmocka_unit_test(what_the_owner_says_binds_however_uneven_it_is),
        cmocka_unit_test(the_others_are_balanced_beside_a_crowded_part),
        cmocka_unit_test(who_may_leave_an_overfull_part_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
