/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hosts with cores of two kinds: demands above level pcpu are work, and the checker counts so by itself. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "planner/vcpu/check.h"
#include "planner/vcpu/core_speed.h"
#include "planner/vcpu/demand.h"
#include "planner/vcpu/track.h"
#include "tests/unit/cpuset_fixture.h"
#include "tests/unit/guest_fixture.h"
#include "tests/unit/topology_fixture.h"

static const struct regular TWO_CACHES = {.nodes = 1, .caches = 2, .cores = 4, .threads = 1};

/* pCPUs 4-7 are half as fast. */
static void begin(struct guest_kit *kit, size_t n_guests)
{
    guest_kit_all(kit, 8, n_guests, "0-7");
    give_shape(&kit->sample, &TWO_CACHES);
    for (size_t p = 4; p < 8; p++)
        kit->pcpus[p].place.speed_permille = 500;
}

static void assert_near(double found, double expected)
{
    if (!(fabs(found - expected) < 1e-3))
        fail_msg("%.4f is not %.4f", found, expected);
}

static void where_it_ran_is_where_pcpus_were_busy(void **state)
{
    struct background backgrounds[8] = {{0}};
    struct cpuset mask;
    struct guest_kit kit;

    (void)state;
    begin(&kit, 1);
    mask = cpuset_of("3-4");
    assert_near(core_speed_of_mask(&kit.sample, backgrounds, &mask), 0.75);
    backgrounds[3] = (struct background){.known = true, .busy = 0.9};
    backgrounds[4] = (struct background){.known = true, .busy = 0.1};
    assert_near(core_speed_of_mask(&kit.sample, backgrounds, &mask), 0.95);
    assert_true(core_speed_is_mixed(&kit.sample));
    kit.sample.has_shape = false;
    assert_false(core_speed_is_mixed(&kit.sample));
}

/* Who always works does so on any core. */
static void less_is_wanted_of_a_faster_core(void **state)
{
    (void)state;
    assert_near(demand_at_full_rate(0, 0.5), 0);
    assert_near(demand_at_full_rate(0.5, 1), 0.5);
    assert_near(demand_at_full_rate(0.5, 0.5), (0.25 + 0.25 / 0.75) / 2);
    assert_near(demand_at_full_rate(1, 0.5), (0.5 + 1) / 2);
}

/* 0.7 of a fast core alone, and then most of a slow one that it shares: what it got done there is less than
 * it was seen to want, although it took longer. No run delay tells more. */
static void what_it_got_of_a_slow_core_is_less_work(void **state)
{
    struct vcpu_tracks tracks = {0}, next;
    struct vcpu_settings settings;
    struct guest_kit kit;

    (void)state;
    vcpu_settings_default(&settings);
    settings.level = PIN_CORE;
    begin(&kit, 2);
    guest_kit_pin(&kit, 0, "0");
    guest_kit_pin(&kit, 1, "4");
    for (size_t i = 0; i < 2; i++)
        kit.vcpus[i].has_delay = false;
    for (int i = 0; i < 8; i++) {
        if (i == 5)
            guest_kit_pin(&kit, 0, "4");
        if (i > 0)
            kit.vcpus[0].cpu_time_ns += i < 5 ? 1400000000 : 1560000000;
        if (i > 0)
            kit.vcpus[1].cpu_time_ns += 440000000;
        kit.sample.at_ns += 2000000000;
        vcpu_sample_sort(&kit.sample);
        assert_int_equal(vcpu_tracks_next(&settings, &tracks, &kit.sample, &next, NULL), 0);
        vcpu_tracks_done(&tracks);
        tracks = next;
    }
    assert_true(tracks.track[0].censored);
    assert_near(tracks.track[0].observed, 0.7);
    vcpu_tracks_done(&tracks);
}

/* Four guests want 400 permille of a fast core, and four 360 of a slow one: half as much work, for half as
 * fast a cache. */
static struct vcpu_plan plan_of_even_host(struct guest_kit *kit, bool use_speeds)
{
    struct vcpu_settings settings;
    struct vcpu_planner *planner;
    struct vcpu_plan plan = {0};

    vcpu_settings_default(&settings);
    settings.level = PIN_LLC;
    settings.use_speeds = use_speeds;
    settings.confirm_s = 0;
    settings.settle_s = 0;
    planner = guest_kit_planner(&settings);
    begin(kit, 8);
    for (size_t i = 0; i < 8; i++) {
        guest_kit_pin(kit, i, i < 4 ? "0-3" : "4-7");
        kit->vcpus[i].is_ours = true;
        kit->load_permille[i] = i < 4 ? 400 : 360;
    }
    for (int i = 0; i < 8; i++) {
        vcpu_plan_done(&plan);
        guest_kit_pass(kit, 2);
        guest_kit_plan(kit, planner, &plan);
        if (plan.n_pins > 0)
            break;
    }
    vcpu_planner_free(planner);
    return plan;
}

static void the_same_work_is_the_same_on_both_kinds(void **state)
{
    struct guest_kit kit;
    struct vcpu_plan plan = plan_of_even_host(&kit, true);
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < plan.n_places; i++)
        assert_in_range(plan.places[i].demand_permille, i < 4 ? 400 : 190, i < 4 ? 400 : 210);
    assert_int_equal(plan.n_pins, 0);
    assert_true(plan.pcpus[7].cost > 1.99);
    assert_int_equal(vcpu_check(&kit.sample, &plan, &err), 0);
    vcpu_plan_done(&plan);
    plan = plan_of_even_host(&kit, false);
    assert_true(plan.n_pins > 0);
    vcpu_plan_done(&plan);
}

static void the_checker_counts_the_work_of_slow_cores(void **state)
{
    struct guest_kit kit;
    struct vcpu_plan plan = plan_of_even_host(&kit, true);
    struct err err = {0};

    (void)state;
    for (size_t p = 4; p < 8; p++)
        kit.pcpus[p].place.speed_permille = 1000;
    assert_int_equal(vcpu_check(&kit.sample, &plan, &err), -EINVAL);
    vcpu_plan_done(&plan);
}

/* On slow pCPUs a guest's other threads get half as much done in the same time, and where they stay they are
 * background for all of it. */
static void what_other_threads_want_is_work(void **state)
{
    struct vcpu_planner *planner = guest_kit_planner_at(PIN_LLC);
    struct guest_reading whole = {.has_helpers = true};
    struct helper_reading helper = {.affinity = cpuset_of("4-7"), .allowed = cpuset_of("0-7")};
    struct vcpu_plan plan = {0};
    struct guest_kit kit;

    (void)state;
    begin(&kit, 1);
    guest_kit_pin(&kit, 0, "4-7");
    kit.vcpus[0].is_ours = helper.is_ours = true;
    kit.load_permille[0] = 400;
    whole.guest = helper.guest = kit.vcpus[0].guest;
    kit.sample.guests = &whole;
    kit.sample.helpers = &helper;
    kit.sample.n_guests = kit.sample.n_helpers = 1;
    for (int i = 0; i < 8; i++) {
        vcpu_plan_done(&plan);
        helper.is_owners = i == 7;
        whole.helpers_ns += 1200000000;
        guest_kit_pass(&kit, 2);
        guest_kit_plan(&kit, planner, &plan);
        assert_int_equal(plan.n_helpers, i > 0 && i < 7);
        if (plan.n_helpers > 0)
            assert_in_range(plan.helpers[0].demand_permille, 290, 310);
    }
    assert_in_range(plan.pcpus[7].background_permille, 145, 155);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_it_ran_is_where_pcpus_were_busy),
        cmocka_unit_test(less_is_wanted_of_a_faster_core),
        cmocka_unit_test(what_it_got_of_a_slow_core_is_less_work),
        cmocka_unit_test(what_other_threads_want_is_work),
        cmocka_unit_test(the_same_work_is_the_same_on_both_kinds),
        cmocka_unit_test(the_checker_counts_the_work_of_slow_cores),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
