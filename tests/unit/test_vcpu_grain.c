/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --level auto above level pcpu: which level is taken, and when it is left. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "planner/base/units.h"
#include "planner/vcpu/check.h"
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
    struct vcpu_plan plan = {.waiting = {.now = expected, .after = expected}};
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

/* Random hosts of 2 to 40 guests. Returns how many plans pinned, and how many of those let vCPUs wait
 * longer than floating and so much more. */
static void try_hosts(const struct vcpu_settings *settings, size_t *ret_plans, size_t *ret_longer)
{
    *ret_plans = *ret_longer = 0;
    for (unsigned seed = 0; seed < 150; seed++) {
        struct vcpu_planner *planner = guest_kit_planner(settings);
        unsigned random = seed;
        size_t n = 2 + next(&random, 39);
        unsigned most = 100 + next(&random, 900);
        struct guest_kit kit;

        guest_kit_all(&kit, 16, n, "0-15");
        give_shape(&kit.sample,
                   &(struct regular){.nodes = 2, .caches = 2, .cores = 4, .threads = 1});
        for (size_t i = 0; i < n; i++)
            kit.load_permille[i] = (int)next(&random, most);
        for (int k = 0; k < 4; k++) {
            struct vcpu_plan plan;
            struct err err = {0};

            guest_kit_plan(&kit, planner, &plan);
            if (plan.n_pins > 0) {
                assert_int_equal(vcpu_check(&kit.sample, &plan, &err), 0);
                ++*ret_plans;
                *ret_longer +=
                    plan.waiting.after - plan.waiting.floating > settings->waiting_pct / 100 + 1e-9;
            }
            vcpu_plan_done(&plan);
            guest_kit_pass(&kit, 2);
        }
        vcpu_planner_free(planner);
    }
}

static void no_accepted_plan_waits_longer_than_it_may(void **state)
{
    struct vcpu_settings with = automatic(1), without = automatic(1);
    size_t plans, longer;

    (void)state;
    try_hosts(&with, &plans, &longer);
    assert_true(plans > 50);
    assert_int_equal(longer, 0);
    without.gate_waiting = false;
    try_hosts(&without, &plans, &longer);
    assert_true(longer > 50);
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
