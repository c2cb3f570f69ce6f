/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/memory/planner.h"
#include "tests/unit/guest_fixture.h"
#include "tests/unit/memory_fixture.h"
#include "tests/unit/topology_fixture.h"

/* The linker leads every call of planner and models here; GLPK and the C library are not asked. */
void *__real_calloc(size_t n, size_t size);
void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *old, size_t size);

static long calls_left = -1; /* until the one that fails; negative: none does */

static bool has_to_fail(void)
{
    if (calls_left < 0)
        return false;
    return calls_left-- == 0;
}

void *__wrap_calloc(size_t n, size_t size)
{
    return has_to_fail() ? NULL : __real_calloc(n, size);
}

void *__wrap_malloc(size_t size)
{
    return has_to_fail() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return has_to_fail() ? NULL : __real_realloc(old, size);
}

/* One interval of a planner of the second sample, whose allocation number `failing` fails. */
static int vcpu_step(const struct guest_kit *kit, struct vcpu_planner *planner, long failing,
                     struct vcpu_plan *ret, struct err *err)
{
    int r;

    calls_left = failing;
    r = vcpu_planner_step(planner, &kit->sample, ret, err);
    if (r == 0 && calls_left >= 0)
        r = 1; /* it needs fewer */
    calls_left = -1;
    return r;
}

static void assert_same_pins(const struct vcpu_plan *a, const struct vcpu_plan *b)
{
    assert_int_equal(a->verdict, b->verdict);
    assert_int_equal(a->n_pins, b->n_pins);
    for (size_t i = 0; i < a->n_pins; i++) {
        assert_int_equal(a->pins[i].to_place, b->pins[i].to_place);
        assert_memory_equal(a->pins[i].guest.uuid, b->pins[i].guest.uuid, 16);
    }
}

static void fail_each_allocation(enum pin_level level)
{
    struct vcpu_settings settings;
    struct vcpu_plan wanted = {0};
    long n = 0, failed = 0;
    int r = 0;

    vcpu_settings_default(&settings);
    settings.keep_lp = true;
    settings.level = level;
    do {
        struct vcpu_planner *planner = guest_kit_planner(&settings);
        struct vcpu_plan plan = {0};
        struct guest_kit kit;
        struct err err = {0};

        guest_kit_all(&kit, level == PIN_PCPU ? 3 : 8, 5, level == PIN_PCPU ? "0" : "0-7");
        if (level != PIN_PCPU)
            give_shape(&kit.sample,
                       &(struct regular){.nodes = 1, .caches = 2, .cores = 4, .threads = 1});
        for (size_t i = 0; i < 5; i++)
            kit.load_permille[i] = 400;
        guest_kit_run(&kit, planner, 1.0, 1);
        guest_kit_pass(&kit, 1.0);
        if (n == 0)
            assert_int_equal(vcpu_step(&kit, planner, -1, &wanted, &err), 0);
        else if ((r = vcpu_step(&kit, planner, n - 1, &plan, &err)) < 0) {
            assert_int_equal(r, -ENOMEM);
            assert_non_null(strstr(err.text, "memory"));
            failed++;
            assert_null(plan.places);
            assert_int_equal(vcpu_step(&kit, planner, -1, &plan, &err), 0);
            assert_same_pins(&plan, &wanted);
        }
        vcpu_plan_done(&plan);
        vcpu_planner_free(planner);
    } while (n++ == 0 || r <= 0);
    assert_true(failed > 50);
    assert_int_equal(wanted.verdict, VERDICT_APPLY);
    vcpu_plan_done(&wanted);
}

static void a_scheduler_without_memory_forgets_the_interval_and_nothing_else(void **state)
{
    (void)state;
    fail_each_allocation(PIN_PCPU);
}

static void nor_does_it_with_sets_of_pcpus(void **state)
{
    (void)state;
    fail_each_allocation(PIN_LLC);
    fail_each_allocation(PIN_AUTO);
}

static int memory_step(struct memory_planner *planner, struct memory_reading *readings, double at_s,
                       long failing, struct memory_plan *ret)
{
    struct memory_sample sample = sample_make(at_s, 3000, readings, 3);
    struct err err = {0};
    int r;

    calls_left = failing;
    r = memory_planner_step(planner, &sample, ret, &err);
    if (r == 0 && calls_left >= 0)
        r = 1; /* it needs fewer */
    calls_left = -1;
    if (r < 0)
        assert_non_null(strstr(err.text, "memory"));
    return r;
}

static void a_coordinator_without_memory_forgets_the_interval_and_nothing_else(void **state)
{
    struct memory_settings settings;
    struct memory_plan wanted = {0};
    long n = 0, failed = 0;
    int r = 0;

    (void)state;
    memory_settings_default(&settings);
    settings.keep_lp = settings.explain = true;
    do {
        struct memory_planner *planner = memory_planner_new(&settings);
        struct memory_reading readings[] = {reading_make(1, 512, 470), reading_make(2, 1200, 300),
                                            reading_make(3, 512, 300)};
        struct memory_plan plan = {0};

        for (int i = 1; i < 5; i++) {
            assert_int_equal(memory_step(planner, readings, 2 * i, -1, &plan), 0);
            memory_plan_done(&plan);
            for (size_t g = 0; g < 3; g++)
                readings[g].unused_kib += 1; /* a report that repeats itself is none */
        }
        if (n == 0)
            assert_int_equal(memory_step(planner, readings, 10, -1, &wanted), 0);
        else if ((r = memory_step(planner, readings, 10, n - 1, &plan)) < 0) {
            assert_int_equal(r, -ENOMEM);
            failed++;
            assert_null(plan.places);
            assert_int_equal(memory_step(planner, readings, 10, -1, &plan), 0);
            assert_int_equal(plan.verdict, wanted.verdict);
            assert_int_equal(plan.n_grants, wanted.n_grants);
            for (size_t g = 0; g < 3; g++)
                assert_int_equal(plan.places[g].target_kib, wanted.places[g].target_kib);
        }
        memory_plan_done(&plan);
        memory_planner_free(planner);
    } while (n++ == 0 || r <= 0);
    assert_true(failed > 10);
    memory_plan_done(&wanted);
}

static void without_memory_there_is_no_planner(void **state)
{
    struct vcpu_settings vcpu;
    struct memory_settings memory;

    (void)state;
    vcpu_settings_default(&vcpu);
    memory_settings_default(&memory);
    calls_left = 0;
    assert_null(vcpu_planner_new(&vcpu));
    for (long n = 0; n < 2; n++) {
        calls_left = n;
        assert_null(memory_planner_new(&memory));
    }
    calls_left = -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scheduler_without_memory_forgets_the_interval_and_nothing_else),
        cmocka_unit_test(nor_does_it_with_sets_of_pcpus),
        cmocka_unit_test(a_coordinator_without_memory_forgets_the_interval_and_nothing_else),
        cmocka_unit_test(without_memory_there_is_no_planner),
    };

    return cmocka_run_group_tests_name("out_of_memory", tests, NULL, NULL);
}
