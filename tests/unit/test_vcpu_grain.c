/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --level auto above level pcpu: which level is taken, and when it is left. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/base/units.h"
#include "planner/vcpu/check.h"
#include "planner/vcpu/gate_memory.h"
#include "planner/vcpu/grain.h"
#include "tests/unit/guest_fixture.h"
#include "tests/unit/topology_fixture.h"

static const enum topology_level LLC = TOPOLOGY_LEVEL_LLC, NODE = TOPOLOGY_LEVEL_NODE,
                                 HOST = TOPOLOGY_LEVEL_HOST;

static struct vcpu_settings automatic(double waiting_pct)
{
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    settings.level = PIN_AUTO;
    settings.waiting_pct = waiting_pct;
    return settings;
}

static void the_gate_is_an_inequality(void **state)
{
    static const struct {
        double after, floating;
        bool passes;
    } rows[] = {
        {0.05, 0, true},   {0.0501, 0, false}, {0.25, 0.2, true},
        {0.3, 0.2, false}, {NAN, 0, false},    {0, NAN, false},
    };
    struct vcpu_settings settings = automatic(5), open = automatic(5);

    (void)state;
    open.gate_waiting = false;
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        struct vcpu_plan plan = {.waiting = {.after = rows[r].after, .floating = rows[r].floating}};

        assert_int_equal(grain_passes(&settings, &plan), rows[r].passes);
        assert_true(grain_passes(&open, &plan));
    }
}

static void a_level_is_left_after_twenty_seconds(void **state)
{
    struct vcpu_grain grain = {0};

    (void)state;
    assert_false(grain_see(&grain, false, 2)); /* nothing is in force yet: the next one is tried */
    assert_true(grain_see(&grain, true, 2));
    grain_take(&grain, LLC);
    for (int k = 0; k < 9; k++)
        assert_true(grain_see(&grain, false, 2));
    assert_true(grain_see(&grain, true, 2)); /* it passes again: from the start */
    for (int k = 0; k < 9; k++)
        assert_true(grain_see(&grain, false, 2));
    assert_false(grain_see(&grain, false, 2));
}

static void a_finer_level_has_to_pass_for_a_minute(void **state)
{
    struct vcpu_grain grain = {0};

    (void)state;
    grain_take(&grain, NODE);
    for (int k = 0; k < 29; k++)
        assert_false(grain_see_finer(&grain, true, 2));
    assert_false(grain_see_finer(&grain, false, 2));
    for (int k = 0; k < 29; k++)
        assert_false(grain_see_finer(&grain, true, 2));
    assert_true(grain_see_finer(&grain, true, 2));
}

/* vCPUs are seen to wait this share of running, while the formula expects that. */
static void measure(const struct vcpu_settings *settings, double measured, double expected,
                    int seconds, uint64_t *now_ns, struct vcpu_grain *grain)
{
    struct vcpu_plan plan = {.waiting = {.in_line = expected}};
    struct vcpu_tracks tracks = {.elapsed_s = 2, .ran = 10, .waited = 10 * measured};

    for (int s = 0; s < seconds; s += 2) {
        *now_ns += ns_from_seconds(2);
        tracks.at_ns = *now_ns;
        grain_measure(settings, &tracks, &plan, grain);
    }
}

static void what_is_measured_has_the_last_word(void **state)
{
    struct vcpu_settings settings = automatic(5);
    struct vcpu_grain grain = {0};
    uint64_t now_ns = 0;
    char text[24];

    (void)state;
    grain_take(&grain, LLC);
    measure(&settings, 0.19, 0.1, 300, &now_ns, &grain); /* less than twice as much */
    assert_int_equal(grain.level, LLC);
    grain = (struct vcpu_grain){0};
    grain_take(&grain, LLC);
    measure(&settings, 0.04, 0.01, 300, &now_ns, &grain); /* less than pins may cost at all */
    assert_int_equal(grain.level, LLC);
    for (int k = 0; k < 100 && grain.level == LLC; k++)
        measure(&settings, 0.4, 0.1, 2, &now_ns, &grain);
    assert_int_equal(grain.level, NODE);
    assert_int_equal(grain_from(&grain, LLC, now_ns), NODE);
    grain_left_text(&grain, now_ns, text, sizeof(text));
    assert_string_equal(text, "llc");
    now_ns += ns_from_seconds(601);
    assert_int_equal(grain_from(&grain, LLC, now_ns), LLC);
    grain_left_text(&grain, now_ns, text, sizeof(text));
    assert_string_equal(text, "");

    grain_take(&grain, LLC); /* and again: left alone for twice as long */
    for (int k = 0; k < 100 && grain.level == LLC; k++)
        measure(&settings, 0.4, 0.1, 2, &now_ns, &grain);
    assert_int_equal(grain.level, NODE);
    now_ns += ns_from_seconds(1100);
    assert_int_equal(grain_from(&grain, LLC, now_ns), NODE);
    now_ns += ns_from_seconds(200);
    assert_int_equal(grain_from(&grain, LLC, now_ns), LLC);
}

static void nothing_is_measured_where_guests_float(void **state)
{
    struct vcpu_settings settings = automatic(5);
    struct vcpu_grain grain = {0};
    uint64_t now_ns = 0;

    (void)state;
    grain_take(&grain, HOST);
    measure(&settings, 0.4, 0.1, 300, &now_ns, &grain);
    assert_int_equal(grain_from(&grain, LLC, now_ns), LLC);
}

/* ---- plans ---- */

static unsigned next(unsigned *state, unsigned n)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % n;
}

/* Some of a guest's memory on node 1, the rest on node 0; on every second host about half of it. */
static void give_memory(struct guest_kit *kit, unsigned seed, struct guest_reading *guests)
{
    unsigned random = seed, least = seed % 2 ? 0 : 480;

    for (size_t g = 0; g < kit->sample.n_vcpus; g++) {
        unsigned far = least + next(&random, 1001 - 2 * least);

        guests[g] = (struct guest_reading){
            .guest = kit->vcpus[g].guest,
            .run = 1,
            .memory = {.is_known = next(&random, 4) > 0,
                       .n = 2,
                       .at = {{.node = 0, .permille = 1000 - far}, {.node = 1, .permille = far}}}};
    }
    kit->sample.guests = guests;
    kit->sample.n_guests = kit->sample.n_vcpus;
}

/* How often plans pinned, let vCPUs wait longer than floating and so much more, and lost more to
 * waiting and far memory. */
struct tries {
    size_t n_plans, n_longer, n_farther;
};

static void count_plan(const struct vcpu_settings *settings, const struct vcpu_plan *plan,
                       struct tries *tries)
{
    const struct vcpu_waiting *waiting = &plan->waiting;
    const struct plan_memory *memory = &plan->memory;

    tries->n_plans++;
    tries->n_longer += waiting->after - waiting->floating > settings->waiting_pct / 100 + 1e-9;
    tries->n_farther +=
        waiting->after + memory->after > waiting->floating + memory->floating + 0.001 + 1e-9;
}

static void begin_large(struct guest_kit *kit, size_t n)
{
    guest_kit_all(kit, 16, n, "0-15");
    give_shape(&kit->sample, &(struct regular){.nodes = 2, .caches = 2, .cores = 4, .threads = 1});
}

static void begin_small(struct guest_kit *kit, size_t n)
{
    guest_kit_all(kit, 8, n, "0-7");
    give_shape(&kit->sample, &(struct regular){.nodes = 2, .caches = 1, .cores = 4, .threads = 1});
}

/* Random hosts of 2 to 40 guests, or of up to 22 whose memory is known. */
static struct tries try_hosts(const struct vcpu_settings *settings, bool has_memory)
{
    struct tries tries = {0};

    for (unsigned seed = 0; seed < (has_memory ? 60 : 150); seed++) {
        struct vcpu_planner *planner = guest_kit_planner(settings);
        struct guest_reading guests[KIT_VCPUS];
        unsigned random = seed;
        size_t n = 2 + next(&random, has_memory ? 21 : 39);
        unsigned most = has_memory ? 999 : 100 + next(&random, 900);
        struct guest_kit kit;

        if (has_memory)
            begin_small(&kit, n);
        else
            begin_large(&kit, n);
        for (size_t i = 0; i < n; i++)
            kit.load_permille[i] = (int)next(&random, most);
        if (has_memory)
            give_memory(&kit, seed, guests);
        for (int k = 0; k < 4; k++) {
            struct vcpu_plan plan;
            struct err err = {0};

            guest_kit_plan(&kit, planner, &plan);
            if (plan.n_pins > 0) {
                assert_int_equal(vcpu_check(&kit.sample, &plan, &err), 0);
                count_plan(settings, &plan, &tries);
            }
            vcpu_plan_done(&plan);
            guest_kit_pass(&kit, 2);
        }
        vcpu_planner_free(planner);
    }
    return tries;
}

static void no_accepted_plan_waits_longer_than_it_may(void **state)
{
    struct vcpu_settings settings = automatic(1);
    struct tries tries = try_hosts(&settings, false);

    (void)state;
    assert_true(tries.n_plans > 50);
    assert_int_equal(tries.n_longer, 0);
    settings.gate_waiting = false;
    assert_true(try_hosts(&settings, false).n_longer > 50);
}

/* Prices of memory make a proof long, and no proof is needed. */
static struct vcpu_settings without_proof(void)
{
    struct vcpu_settings settings = automatic(20);

    settings.limits.max_kcells = 100;
    settings.limits.max_pivots = 200;
    return settings;
}

static void no_accepted_plan_loses_more_with_far_memory(void **state)
{
    struct vcpu_settings settings = without_proof();
    struct tries tries = try_hosts(&settings, true);

    (void)state;
    assert_true(tries.n_plans > 10);
    assert_int_equal(tries.n_farther, 0);
    assert_int_equal(tries.n_longer, 0);
    settings.gate_memory = false;
    tries = try_hosts(&settings, true);
    assert_true(tries.n_farther > 10);
    assert_int_equal(tries.n_longer, 0);
}

static void the_checker_sees_pins_that_lose_more_with_far_memory(void **state)
{
    struct vcpu_settings settings = without_proof();
    size_t n_refused = 0;

    (void)state;
    settings.gate_memory = false;
    for (unsigned seed = 0; seed < 10; seed++) {
        struct vcpu_planner *planner = guest_kit_planner(&settings);
        struct guest_reading guests[KIT_VCPUS];
        struct vcpu_plan plan;
        struct guest_kit kit;
        struct err err = {0};

        begin_small(&kit, 16);
        for (size_t i = 0; i < 16; i++)
            kit.load_permille[i] = 350;
        give_memory(&kit, seed, guests);
        for (int k = 0; k < 3; k++) {
            guest_kit_plan(&kit, planner, &plan);
            plan.gate.counts_memory = true;
            if (plan.n_pins > 0 && !gate_memory_passes(&plan)) {
                assert_int_equal(vcpu_check(&kit.sample, &plan, &err), -EINVAL);
                assert_non_null(strstr(err.text, "far memory"));
                n_refused++;
            }
            vcpu_plan_done(&plan);
            guest_kit_pass(&kit, 2);
        }
        vcpu_planner_free(planner);
    }
    assert_true(n_refused > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gate_is_an_inequality),
        cmocka_unit_test(a_level_is_left_after_twenty_seconds),
        cmocka_unit_test(a_finer_level_has_to_pass_for_a_minute),
        cmocka_unit_test(what_is_measured_has_the_last_word),
        cmocka_unit_test(nothing_is_measured_where_guests_float),
        cmocka_unit_test(no_accepted_plan_waits_longer_than_it_may),
        cmocka_unit_test(no_accepted_plan_loses_more_with_far_memory),
        cmocka_unit_test(the_checker_sees_pins_that_lose_more_with_far_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
