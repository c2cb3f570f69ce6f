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

            int k;

            assert_true(pattern->n_items >= 0);
            k = patterns_add_relaxed(&kit.ws.patterns, p, pattern->items, pattern->n_items);
            assert_true(k >= 0);
            sum += kit.ws.patterns.patterns[k].least_cost -
                   5 * kit.in.price_scale * (int64_t)pattern->n_items;
        }
        if (ev.bound[t] < WINDOWS_IMPOSSIBLE)
            for (int p = 0; p < kit.in.m; p++)
                if (ev.pattern[p].is_relaxed)
                    sum = ev.bound[t]; /* a relaxed pattern pays for entering at home */
        if (ev.bound[t] < WINDOWS_IMPOSSIBLE)
            assert_int_equal(sum, ev.bound[t]);
        kit_down(&kit);
    }
}

/* What bin 0 pays for this set of items. */
static int64_t price_of_set(const struct kit *kit, const int *prices, unsigned set)
{
    int64_t sum = 0;

    for (int i = 0; i < kit->in.n; i++) {
        bool is_inside = set >> i & 1, is_own = kit->in.home[i] == 0;

        if (is_own && !is_inside)
            sum += prices[i];
        if (!is_own && is_inside)
            sum += (int64_t)instance_price(&kit->in, i, 0) * kit->in.price_scale - prices[i];
    }
    return sum;
}

static int64_t least_of_sets(const struct kit *kit, const int *prices, int t)
{
    int64_t least = INT64_MAX;

    for (unsigned set = 0; set < 1u << kit->in.n; set++) {
        int load = 0;

        for (int i = 0; i < kit->in.n; i++)
            load += set >> i & 1 ? kit->in.weight[i] : 0;
        if (load >= windows_low(&kit->ws.windows, 0, t) &&
            load <= windows_high(&kit->ws.windows, 0, t) && price_of_set(kit, prices, set) < least)
            least = price_of_set(kit, prices, set);
    }
    return least;
}

/* Too many for a list of all subsets that can stay. */
static void a_bin_with_many_pays_its_cheapest_set(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 40; seed++) {
        struct kit kit;
        struct evaluation ev = {0};
        int prices[KIT_VCPUS], n;

        kit_plain(&kit, KIT_VCPUS, 3);
        for (unsigned i = 0; i < KIT_VCPUS; i++)
            kit.demand[i] = (int)((seed * 7919u + i * 104729u) % 200u) + 1;
        kit.current[KIT_VCPUS - 1] = 1;
        for (int p = 0; p < 3; p++)
            kit.price[(KIT_VCPUS - 1) * 3 + p] = p == 1 ? 0 : 12;
        kit_up(&kit);
        n = kit.ws.windows.n;
        ev.bound = arena_take(&kit.ws.arena, (size_t)n, sizeof(int64_t));
        ev.bin_value = arena_take(&kit.ws.arena, 3 * (size_t)n, sizeof(int32_t));
        for (int i = 0; i < kit.in.n; i++)
            prices[i] = (int)((seed * 31u + (unsigned)i * 17u) % 20u) * kit.in.price_scale;
        pricing_evaluate(&kit.ws.pricing, prices, &ev);
        for (int t = n - 1; t >= 0 && ev.bound[t] < WINDOWS_IMPOSSIBLE; t -= 37)
            assert_int_equal(ev.bin_value[t], least_of_sets(&kit, prices, t));
        kit_down(&kit);
    }
}

/* The least value of the narrowest window prunes the others, and changes nothing. */
static void windows_below_the_bottom_change_nothing_above(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 100; seed++) {
        struct kit kit;
        struct evaluation whole = {0}, part = {0};
        int prices[KIT_VCPUS], n, bottom;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        n = kit.ws.windows.n;
        bottom = (int)(seed * 7919u % (unsigned)n);
        whole.bound = arena_take(&kit.ws.arena, (size_t)n, sizeof(int64_t));
        part.bound = arena_take(&kit.ws.arena, (size_t)n, sizeof(int64_t));
        for (int i = 0; i < kit.in.n; i++)
            prices[i] = (int)((seed + (unsigned)i * 13u) % 20u) * kit.in.price_scale;
        pricing_evaluate(&kit.ws.pricing, prices, &whole);
        pricing_narrow(&kit.ws.pricing, bottom, n - 1);
        pricing_evaluate(&kit.ws.pricing, prices, &part);
        for (int t = 0; t < n; t++)
            assert_int_equal(part.bound[t], t < bottom ? 0 : whole.bound[t]);
        kit_down(&kit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_plan_is_below_the_bound),
        cmocka_unit_test(patterns_add_up_to_the_bound),
        cmocka_unit_test(a_bin_with_many_pays_its_cheapest_set),
        cmocka_unit_test(windows_below_the_bottom_change_nothing_above),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
