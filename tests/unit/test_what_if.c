/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/memory/check.h"
#include "planner/memory/what_if.h"
#include "planner/vcpu/check.h"
#include "planner/vcpu/decide.h"
#include "planner/vcpu/what_if.h"
#include "tests/unit/cpuset_fixture.h"
#include "tests/unit/guest_fixture.h"
#include "tests/unit/memory_fixture.h"

/* ---- vCPUs ---- */

enum { PCPUS = 4, VCPUS = 8 };

/* Two guests of 40 % on each pCPU, and what the pCPUs ran. */
static void even_host(struct guest_kit *kit)
{
    static const char *const affinity[VCPUS] = {"0", "0", "1", "1", "2", "2", "3", "3"};

    guest_kit_init(kit, PCPUS, VCPUS, affinity);
    for (size_t i = 0; i < VCPUS; i++)
        kit->load_permille[i] = 400;
    for (size_t p = 0; p < PCPUS; p++)
        kit->pcpus[p].has_busy = true;
}

static void pass(struct guest_kit *kit, struct vcpu_planner *planner, struct vcpu_plan *plan)
{
    guest_kit_pass(kit, 2);
    for (size_t p = 0; p < PCPUS; p++)
        kit->pcpus[p].busy_ns += 2 * UINT64_C(1000000) * (uint64_t)guest_kit_load(kit, (unsigned)p);
    guest_kit_plan(kit, planner, plan);
}

/* Settled: a plan of now changes nothing. */
static struct vcpu_planner *settled(struct guest_kit *kit)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct vcpu_plan plan;

    even_host(kit);
    for (int i = 0; i < 10; i++) {
        pass(kit, planner, &plan);
        assert_int_equal(plan.n_pins, 0);
        vcpu_plan_done(&plan);
    }
    return planner;
}

static struct work limits(void)
{
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    return settings.limits;
}

static void suppose(const struct vcpu_planner *planner, const struct guest_kit *kit,
                    struct vcpu_what_if what_if, struct vcpu_plan *ret)
{
    struct vcpu_planner *copy = vcpu_planner_copy(planner);
    struct vcpu_sample sample;
    struct err err;

    what_if.limits = limits();
    assert_int_equal(vcpu_planner_suppose(copy, &what_if, &kit->sample, &sample), 0);
    if (vcpu_planner_answer(copy, &sample, ret, &err) < 0 || vcpu_check(&sample, ret, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(ret->n_places, sample.n_vcpus);
    vcpu_sample_done(&sample);
    vcpu_planner_free(copy);
}

static void nothing_else_changes_nothing(void **state)
{
    struct guest_kit kit;
    struct vcpu_planner *planner = settled(&kit);
    struct vcpu_plan plan;

    (void)state;
    suppose(planner, &kit, (struct vcpu_what_if){0}, &plan);
    assert_int_equal(plan.n_pins, 0);
    assert_int_equal(plan.n_places, VCPUS);
    assert_true(fabs(plan.ran.sigma_pct) < 0.1);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

static void a_reserved_pcpu_is_left(void **state)
{
    struct vcpu_what_if what_if = {0};
    struct guest_kit kit;
    struct vcpu_planner *planner = settled(&kit);
    struct vcpu_plan plan;

    (void)state;
    cpuset_add(&what_if.reserve, 3);
    suppose(planner, &kit, what_if, &plan);
    assert_int_equal(plan.verdict, VERDICT_APPLY);
    assert_int_equal(plan.n_pins, 2);
    assert_string_equal(plan.pins[0].guest.name, "g6");
    assert_int_equal(plan.pcpus[3].use, PCPU_RESERVED);
    assert_int_equal(plan.pcpus[3].after_permille, 0);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

/* Two of three guests that are left on two pCPUs; what the others ran is no background. */
static void without_guests_the_others_spread(void **state)
{
    struct guest_kit kit;
    struct vcpu_planner *planner = settled(&kit);
    const struct guest_id without[] = {kit.vcpus[0].guest, kit.vcpus[1].guest, kit.vcpus[7].guest};
    struct vcpu_what_if what_if = {.without = without, .n_without = 3};
    struct vcpu_plan plan;

    (void)state;
    suppose(planner, &kit, what_if, &plan);
    assert_int_equal(plan.n_places, VCPUS - 3);
    assert_int_equal(plan.verdict, VERDICT_APPLY);
    assert_int_equal(plan.n_pins, 1);
    assert_int_equal(plan.pins[0].to_place, 0);
    assert_int_equal(plan.pcpus[0].background_permille, 0);
    assert_int_equal(plan.pcpus[0].ran_permille, 0);
    assert_in_range(plan.pcpus[3].ran_permille, 390, 410);
    assert_true(plan.ran.sigma_after_pct < plan.ran.sigma_pct);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

/* A sample that was told of threads beside vCPUs is copied whole. */
static void helpers_of_the_others_stay(void **state)
{
    struct guest_kit kit;
    struct vcpu_planner *planner = settled(&kit), *copy = vcpu_planner_copy(planner);
    struct helper_reading helpers[] = {{.guest = kit.vcpus[0].guest},
                                       {.guest = kit.vcpus[1].guest}};
    struct vcpu_what_if what_if = {.without = &helpers[0].guest, .n_without = 1};
    struct vcpu_sample sample, told = kit.sample;

    (void)state;
    told.helpers = helpers;
    told.n_helpers = 2;
    assert_int_equal(vcpu_planner_suppose(copy, &what_if, &told, &sample), 0);
    assert_ptr_not_equal(sample.helpers, helpers);
    assert_int_equal(sample.n_helpers, 1);
    assert_int_equal(guest_compare(&sample.helpers[0].guest, &helpers[1].guest), 0);
    vcpu_sample_done(&sample);
    vcpu_planner_free(copy);
    vcpu_planner_free(planner);
}

/* A host whose sixth guest keeps a fifth of pCPU 2 busy beside its vCPU. */
static struct vcpu_planner *planner_with_helpers(struct guest_kit *kit,
                                                 struct guest_reading wholes[VCPUS],
                                                 struct helper_reading helpers[VCPUS])
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);
    struct vcpu_plan plan;

    even_host(kit);
    kit->sample.guests = wholes;
    kit->sample.helpers = helpers;
    kit->sample.n_guests = kit->sample.n_helpers = VCPUS;
    for (size_t g = 0; g < VCPUS; g++) {
        wholes[g] = (struct guest_reading){.guest = kit->vcpus[g].guest, .has_helpers = true};
        helpers[g] = (struct helper_reading){.guest = kit->vcpus[g].guest};
        helpers[g].allowed = cpuset_of(g == 5 ? "2" : "0-3");
        helpers[g].affinity = helpers[g].allowed;
    }
    for (int i = 0; i < 5; i++) {
        wholes[5].helpers_ns += 400000000;
        pass(kit, planner, &plan);
        vcpu_plan_done(&plan);
    }
    return planner;
}

static void what_is_known_of_the_others_stays_theirs(void **state)
{
    struct guest_reading wholes[VCPUS];
    struct helper_reading helpers[VCPUS];
    struct guest_kit kit;
    struct vcpu_planner *planner = planner_with_helpers(&kit, wholes, helpers);
    struct vcpu_planner *copy = vcpu_planner_copy(planner);
    const struct guest_id without[] = {kit.vcpus[0].guest, kit.vcpus[1].guest, kit.vcpus[7].guest};
    const struct vcpu_what_if what_if = {.without = without, .n_without = 3, .limits = limits()};
    struct vcpu_sample sample;
    struct vcpu_plan plan;
    struct err err;

    (void)state;
    assert_int_equal(vcpu_planner_suppose(copy, &what_if, &kit.sample, &sample), 0);
    assert_int_equal(sample.n_guests, VCPUS - 3);
    assert_int_equal(copy->tracks.guests.n, VCPUS - 3);
    for (size_t g = 0; g < sample.n_guests; g++) {
        bool is_sixth = guest_compare(&sample.guests[g].guest, &kit.vcpus[5].guest) == 0;
        double beside = copy->tracks.guests.track[g].helpers;

        assert_memory_equal(copy->tracks.guests.track[g].uuid, sample.guests[g].guest.uuid, 16);
        assert_true(fabs(beside - (is_sixth ? 0.2 : 0)) < 0.01);
    }
    assert_int_equal(vcpu_planner_answer(copy, &sample, &plan, &err), 0);
    assert_int_equal(vcpu_check(&sample, &plan, &err), 0);
    vcpu_plan_done(&plan);
    vcpu_sample_done(&sample);
    vcpu_planner_free(copy);
    vcpu_planner_free(planner);
}

static void whoever_asks_changes_no_decision(void **state)
{
    struct vcpu_what_if what_if = {0};
    struct guest_kit kit, twin_kit;
    struct vcpu_planner *planner = settled(&kit), *twin = settled(&twin_kit);

    (void)state;
    cpuset_add(&what_if.reserve, 0);
    for (int i = 0; i < 10; i++) {
        struct vcpu_plan plan, twins, asked;

        kit.load_permille[0] = twin_kit.load_permille[0] = 400 + 50 * i;
        pass(&kit, planner, &plan);
        pass(&twin_kit, twin, &twins);
        suppose(planner, &kit, what_if, &asked);
        assert_int_equal(plan.n_pins, twins.n_pins);
        assert_int_equal(plan.verdict, twins.verdict);
        assert_float_equal(plan.objective, twins.objective, 0);
        vcpu_plan_done(&plan);
        vcpu_plan_done(&twins);
        vcpu_plan_done(&asked);
    }
    vcpu_planner_free(planner);
    vcpu_planner_free(twin);
}

/* ---- Memory ---- */

static struct memory_reading readings[3];
static double now_s;

static struct memory_sample present(uint64_t free_mib)
{
    return sample_make(now_s, free_mib, readings, 3);
}

static void step(struct memory_planner *planner, uint64_t free_mib, struct memory_plan *plan)
{
    struct memory_sample sample;
    struct err err;

    now_s += 2;
    for (size_t i = 0; i < 3; i++)
        readings[i].unused_kib += 1; /* a report that repeats itself is none */
    sample = present(free_mib);
    assert_int_equal(memory_planner_step(planner, &sample, plan, &err), 0);
}

/* No memory is left, and the first guest lacks some. */
static struct memory_planner *pressed(struct memory_settings *settings)
{
    struct memory_planner *planner;

    memory_settings_default(settings);
    planner = memory_planner_new(settings);
    readings[0] = reading_make(1, 512, 480);
    readings[1] = reading_make(2, 1200, 1050);
    readings[2] = reading_make(3, 512, 400);
    now_s = 0;
    for (int i = 0; i < 10; i++) {
        struct memory_plan plan;

        step(planner, 100, &plan);
        assert_int_equal(plan.n_grants, 0);
        memory_planner_retract(planner, NULL);
        memory_plan_done(&plan);
    }
    return planner;
}

static void suppose_memory(const struct memory_settings *settings,
                           const struct memory_planner *planner, uint64_t free_mib,
                           struct memory_what_if what_if, struct memory_plan *ret,
                           struct memory_sample *ret_sample)
{
    struct memory_planner *copy = memory_planner_copy(planner);
    struct memory_sample sample = present(free_mib);
    struct err err;

    what_if.limits = settings->limits;
    assert_int_equal(memory_planner_suppose(copy, &what_if, &sample, ret_sample), 0);
    if (memory_planner_answer(copy, ret_sample, ret, &err) < 0 ||
        memory_check(settings, ret_sample, ret, &err) < 0)
        fail_msg("%s", err.text);
    memory_planner_free(copy);
}

static void what_a_guest_held_is_granted_without_it(void **state)
{
    struct memory_settings settings;
    struct memory_planner *planner = pressed(&settings);
    const struct guest_id without = readings[1].guest;
    struct memory_sample sample;
    struct memory_plan plan;

    (void)state;
    suppose_memory(&settings, planner, 100, (struct memory_what_if){0}, &plan, &sample);
    assert_int_equal(plan.n_grants, 0);
    assert_int_equal(plan.n_places, 3);
    memory_plan_done(&plan);
    memory_sample_done(&sample);
    suppose_memory(&settings, planner, 100,
                   (struct memory_what_if){.without = &without, .n_without = 1}, &plan, &sample);
    assert_int_equal(plan.n_places, 2);
    assert_int_equal(sample.host_free_kib, (100 + 1264) * MIB);
    assert_true(plan.n_grants > 0);
    assert_string_equal(plan.grants[0].guest.name, "guest-1");
    memory_plan_done(&plan);
    memory_sample_done(&sample);
    memory_planner_free(planner);
}

static void a_floor_is_kept(void **state)
{
    struct memory_settings settings;
    struct memory_planner *planner = pressed(&settings);
    const struct memory_floor floor = {readings[0].guest, 900 * MIB};
    struct memory_sample sample;
    struct memory_plan plan;

    (void)state;
    suppose_memory(&settings, planner, 5000,
                   (struct memory_what_if){.floors = &floor, .n_floors = 1}, &plan, &sample);
    assert_true(plan.places[0].floor_kib >= 900 * MIB);
    assert_true(plan.places[0].target_kib >= 900 * MIB);
    assert_false(readings[0].policy.has_floor);
    memory_plan_done(&plan);
    memory_sample_done(&sample);
    suppose_memory(&settings, planner, 5000, (struct memory_what_if){0}, &plan, &sample);
    assert_true(plan.places[0].target_kib < 900 * MIB);
    memory_plan_done(&plan);
    memory_sample_done(&sample);
    memory_planner_free(planner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_else_changes_nothing),
        cmocka_unit_test(a_reserved_pcpu_is_left),
        cmocka_unit_test(without_guests_the_others_spread),
        cmocka_unit_test(helpers_of_the_others_stay),
        cmocka_unit_test(what_is_known_of_the_others_stays_theirs),
        cmocka_unit_test(whoever_asks_changes_no_decision),
        cmocka_unit_test(what_a_guest_held_is_granted_without_it),
        cmocka_unit_test(a_floor_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
