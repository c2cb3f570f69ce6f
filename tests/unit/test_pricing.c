/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/pricing.h"
#include "tests/unit/vcpu_fixture.h"

struct truth {
    struct evaluation *ev;
    const int *prices;
    int plans;
};

/* A plan costs at least what the bound of its own window says. */
static void above_the_bound(struct kit *kit, const int *bin_of, void *arg)
{
    struct truth *truth = arg;
    int64_t cost = 0;
    int window = 0;

    for (int p = 0; p < kit->in.m; p++) {
        int items[KIT_VCPUS], n = 0, t;

        for (int i = 0; i < kit->in.n; i++)
            if (bin_of[i] == p)
                items[n++] = i;
        cost += patterns_cost(&kit->in, p, items, n);
        t = windows_index(&kit->ws.windows, p, patterns_load(&kit->in, items, n));
        window = t > window ? t : window;
    }
    if (window >= kit->ws.windows.n)
        return;
    truth->plans++;
    assert_true(truth->ev->bound[window] <= cost);
}

static void no_plan_is_below_the_bound(void **state)
{
    int plans = 0;

    (void)state;
    for (unsigned seed = 0; seed < 150; seed++) {
        struct kit kit;
        struct evaluation ev = {0};
        struct truth truth = {.ev = &ev};
        int prices[KIT_VCPUS];

        kit_random(&kit, seed, seed % 2 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        kit_up(&kit);
        ev.bound = arena_take(&kit.ws.arena, (size_t)kit.ws.windows.n, sizeof(int64_t));
        ev.pattern = pricing_patterns(&kit.in, &kit.ws.arena);
        ev.window = kit.ws.windows.n - 1;
        for (int i = 0; i < kit.in.n; i++)
            prices[i] =
                (int)((seed * 7919u + (unsigned)i * 104729u) % 40u - 10) * kit.in.price_scale;
        pricing_evaluate(&kit.ws.pricing, prices, &ev);
        kit_every_plan(&kit, above_the_bound, &truth);
        for (int t = 1; t < kit.ws.windows.n; t++)
            assert_true(ev.bound[t] <= ev.bound[t - 1]);
        plans += truth.plans;
        kit_down(&kit);
    }
    assert_true(plans > 1000);
}

/* The patterns' values are the bound: what they were read from is what was counted. */
static void patterns_add_up_to_the_bound(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;
        struct evaluation ev = {0};
        int prices[KIT_VCPUS], t;
        int64_t sum = 0;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        t = ev.window = kit.ws.windows.n - 1;
        ev.bound = arena_take(&kit.ws.arena, (size_t)kit.ws.windows.n, sizeof(int64_t));
        ev.pattern = pricing_patterns(&kit.in, &kit.ws.arena);
        for (int i = 0; i < kit.in.n; i++) {
            prices[i] = 5 * kit.in.price_scale;
            sum += prices[i];
        }
        pricing_evaluate(&kit.ws.pricing, prices, &ev);
        for (int p = 0; p < kit.in.m && ev.bound[t] < WINDOWS_IMPOSSIBLE; p++) {
            const struct pattern *pattern = &ev.pattern[p];

            assert_true(pattern->n_items >= 0);
            sum += patterns_cost(&kit.in, p, pattern->items, pattern->n_items) -
                   5 * kit.in.price_scale * (int64_t)pattern->n_items;
        }
        if (ev.bound[t] < WINDOWS_IMPOSSIBLE)
            for (int p = 0; p < kit.in.m; p++)
                if (ev.pattern[p].repeats)
                    sum = ev.bound[t]; /* a relaxed pattern pays for entering at home */
        if (ev.bound[t] < WINDOWS_IMPOSSIBLE)
            assert_int_equal(sum, ev.bound[t]);
        kit_down(&kit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_plan_is_below_the_bound),
        cmocka_unit_test(patterns_add_up_to_the_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
