/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "planner/vcpu/reach.h"
#include "tests/unit/guest_fixture.h"

enum { N_PCPUS = 8 };
static const uint64_t SECOND = 1000000000;

struct reach_kit {
    struct guest_kit kit;
    struct vcpu_mask mask;
    struct vcpu_refused_pcpus refused;
    bool may[N_PCPUS];
};

static void start(struct reach_kit *kit, const char *affinity, const char *allowed)
{
    *kit = (struct reach_kit){0};
    guest_kit_all(&kit->kit, N_PCPUS, 1, affinity);
    guest_kit_allow(&kit->kit, 0, allowed);
}

static void see(struct reach_kit *kit, const char *affinity)
{
    struct vcpu_mask before = kit->mask;

    guest_kit_pin(&kit->kit, 0, affinity);
    vcpu_sample_sort(&kit->kit.sample);
    reach_see_mask(&before, &kit->kit.sample, &kit->kit.vcpus[0], &kit->mask);
}

/* Where it may be planned now, as a list. */
static void assert_reach(struct reach_kit *kit, const char *expected)
{
    struct cpuset set = {{0}};
    char list[40];

    vcpu_sample_sort(&kit->kit.sample);
    reach_of(&kit->kit.sample, &kit->kit.vcpus[0], &kit->mask, &kit->refused, kit->may);
    for (unsigned p = 0; p < N_PCPUS; p++)
        if (kit->may[p])
            cpuset_add(&set, p);
    cpuset_format(&set, list, sizeof(list));
    assert_string_equal(list, expected);
}

static void a_mask_of_two_or_more_binds_and_a_pin_does_not(void **state)
{
    struct reach_kit kit;

    (void)state;
    start(&kit, "0-7", "0-7");
    see(&kit, "0-7"); /* all that are online: nobody's decision */
    assert_reach(&kit, "0-7");
    see(&kit, "3"); /* as our own pins look */
    assert_reach(&kit, "0-7");
    see(&kit, "2-3");
    assert_reach(&kit, "2-3");
    see(&kit, "3");
    assert_reach(&kit, "2-3");
    see(&kit, "4-6"); /* somebody else again */
    assert_reach(&kit, "4-6");
    see(&kit, "0-7"); /* and set free */
    assert_reach(&kit, "0-7");
}

/* A pCPU that was offline when the mask was seen comes online: who held all held that one as
 * well. */
static void a_mask_that_held_all_confines_nobody_later(void **state)
{
    struct reach_kit kit;

    (void)state;
    start(&kit, "0-3", "0-7");
    kit.kit.sample.n_pcpus = 4;
    see(&kit, "0-3");
    kit.kit.sample.n_pcpus = N_PCPUS;
    assert_reach(&kit, "0-7");
}

static void the_definition_binds_inside_the_mask(void **state)
{
    struct reach_kit kit;

    (void)state;
    start(&kit, "0-3", "2-5");
    see(&kit, "0-3");
    assert_reach(&kit, "2-3");
    guest_kit_allow(&kit.kit, 0, "6-7"); /* changed since: nothing in common, and that binds */
    assert_reach(&kit, "6-7");
}

static void pcpus_that_are_not_ours_are_out(void **state)
{
    struct reach_kit kit;

    (void)state;
    start(&kit, "0-7", "0-5");
    kit.kit.pcpus[0].use = PCPU_ISOLATED;
    kit.kit.pcpus[1].use = PCPU_TICKLESS;
    kit.kit.pcpus[2].use = PCPU_OUTSIDE_SLICE;
    kit.kit.pcpus[3].use = PCPU_RESERVED;
    assert_reach(&kit, "4-5");
}

static void limits_that_cannot_be_read_leave_nothing(void **state)
{
    struct reach_kit kit;

    (void)state;
    start(&kit, "0-7", "0-7");
    kit.kit.vcpus[0].has_strange_limits = true;
    assert_reach(&kit, "");
}

static void a_refused_pcpu_is_left_out_for_longer_each_time(void **state)
{
    struct reach_kit kit;
    struct guest_id *guest;
    uint64_t at = 100 * SECOND;

    (void)state;
    start(&kit, "0-7", "0-3");
    guest = &kit.kit.vcpus[0].guest;
    assert_true(reach_refuse(&kit.refused, guest, 1, at, 60));
    assert_false(reach_refuse(&kit.refused, guest, 1, at, 60)); /* another of its vCPUs */
    kit.kit.sample.at_ns = at + 59 * SECOND;
    assert_reach(&kit, "0,2-3");
    kit.kit.sample.at_ns = at + 61 * SECOND;
    assert_reach(&kit, "0-3");
    at += 62 * SECOND;
    assert_true(reach_refuse(&kit.refused, guest, 1, at, 60));
    kit.kit.sample.at_ns = at + 110 * SECOND;
    assert_reach(&kit, "0,2-3");
    kit.kit.sample.at_ns = at + 125 * SECOND;
    assert_reach(&kit, "0-3");
    free(kit.refused.list);
}

/* Refusals that leave nothing are not followed, and those of other guests do not count. */
static void refusals_never_leave_a_vcpu_without_a_place(void **state)
{
    struct reach_kit kit;
    struct guest_id other;

    (void)state;
    start(&kit, "0-7", "0-1");
    other = kit.kit.vcpus[0].guest;
    other.uuid[0]++;
    assert_true(reach_refuse(&kit.refused, &other, 0, SECOND, 60));
    kit.kit.sample.at_ns = 2 * SECOND;
    assert_reach(&kit, "0-1");
    assert_true(reach_refuse(&kit.refused, &kit.kit.vcpus[0].guest, 0, SECOND, 60));
    assert_reach(&kit, "1");
    assert_true(reach_refuse(&kit.refused, &kit.kit.vcpus[0].guest, 1, SECOND, 60));
    assert_reach(&kit, "0-1");
    free(kit.refused.list);
}

static void what_is_long_over_is_forgotten(void **state)
{
    struct vcpu_refused_pcpus kept;
    struct reach_kit kit;

    (void)state;
    start(&kit, "0-7", "0-7");
    assert_true(reach_refuse(&kit.refused, &kit.kit.vcpus[0].guest, 1, SECOND, 60));
    assert_int_equal(reach_keep_refused(&kit.refused, 100 * SECOND, 60, &kept), 0);
    assert_int_equal(kept.n, 1);
    free(kept.list);
    assert_int_equal(reach_keep_refused(&kit.refused, 1000 * SECOND, 60, &kept), 0);
    assert_int_equal(kept.n, 0);
    free(kept.list);
    free(kit.refused.list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mask_of_two_or_more_binds_and_a_pin_does_not),
        cmocka_unit_test(a_mask_that_held_all_confines_nobody_later),
        cmocka_unit_test(the_definition_binds_inside_the_mask),
        cmocka_unit_test(pcpus_that_are_not_ours_are_out),
        cmocka_unit_test(limits_that_cannot_be_read_leave_nothing),
        cmocka_unit_test(a_refused_pcpu_is_left_out_for_longer_each_time),
        cmocka_unit_test(refusals_never_leave_a_vcpu_without_a_place),
        cmocka_unit_test(what_is_long_over_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
