/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/bound/bundle_settle.h"
#include "tests/unit/vcpu_fixture.h"

/* One evaluation at the prices: L of the widest window, and each bin's best pattern as a cut. */
static double look(struct kit *kit, struct bundle *bundle, int *prices)
{
    struct evaluation ev = {.window = kit->ws.windows.n - 1};
    int64_t *bound = arena_take(&kit->ws.arena, (size_t)kit->ws.windows.n, sizeof(*bound));

    ev.bound = bound;
    ev.pattern = pricing_patterns(&kit->in, &kit->ws.arena);
    pricing_evaluate(&kit->ws.pricing, prices, &ev);
    for (int p = 0; p < kit->in.m; p++) {
        const struct pattern *pattern = &ev.pattern[p];
        int k = patterns_add_relaxed(&kit->ws.patterns, p, pattern->items, pattern->n_items);

        bundle_add(bundle,
                   k >= 0 ? k
                          : patterns_find(&kit->ws.patterns, p, pattern->items, pattern->n_items));
    }
    return (double)bound[ev.window];
}

static void assert_weights_are_shared_out(const struct bundle *bundle)
{
    for (int p = 0; p < bundle->m; p++) {
        double sum = 0;

        for (int k = 0; k < bundle->cuts[p]; k++) {
            assert_true(bundle_cuts(bundle, p)[k].weight >= 0);
            sum += bundle_cuts(bundle, p)[k].weight;
        }
        assert_true(fabs(sum - 1) < 1e-6);
    }
}

/* The next prices are what the weights make them: center + prox * missing. */
static void assert_next_is_of_the_weights(const struct bundle *bundle)
{
    for (int i = 0; i < bundle->n; i++) {
        double missing = 1;

        for (int p = 0; p < bundle->m; p++)
            for (int k = 0; k < bundle->cuts[p]; k++) {
                const struct cut *cut = &bundle_cuts(bundle, p)[k];

                for (int z = 0; z < cut->n_items; z++)
                    missing -= cut->items[z] == i ? cut->weight : 0;
            }
        assert_true(fabs(bundle->center[i] + bundle->prox * missing - bundle->next[i]) < 1e-3);
    }
}

/* Steps never promise less than nothing, and end where nothing more is promised. */
static void it_climbs_to_the_top(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 40; seed++) {
        struct kit kit;
        struct bundle bundle;
        int prices[KIT_VCPUS] = {0};
        double first;

        kit_random(&kit, seed, seed % 2 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        kit_up(&kit);
        assert_int_equal(bundle_new(&kit.ws.patterns, &kit.ws.arena, &bundle), 0);
        first = look(&kit, &bundle, prices);
        bundle_move(&bundle, prices, first);
        bundle.prox = kit.in.price_scale;
        for (int k = 0; k < 60; k++) {
            double promise = bundle_step(&bundle), value;

            assert_weights_are_shared_out(&bundle);
            assert_next_is_of_the_weights(&bundle);
            for (int i = 0; i < kit.in.n; i++)
                prices[i] = (int)lrint(bundle.next[i]);
            value = look(&kit, &bundle, prices);
            assert_true(value <= bundle.value + promise + kit.in.n); /* rounded prices */
            if (value > bundle.value)
                bundle_move(&bundle, prices, value);
            else
                bundle.prox *= 0.8;
        }
        assert_true(bundle.value >= first);
        kit_down(&kit);
    }
}

/* The narrowest window in which every bin has a cut. */
static int narrowest_with_all(const struct bundle *bundle)
{
    int narrow = 0;

    for (int p = 0; p < bundle->m; p++) {
        int least = INT_MAX;

        for (int k = 0; k < bundle->cuts[p]; k++)
            if (bundle_cuts(bundle, p)[k].window < least)
                least = bundle_cuts(bundle, p)[k].window;
        narrow = least > narrow ? least : narrow;
    }
    return narrow;
}

/* True when some had to: what they weighed is the others' then, and stays there. */
static bool wider_cuts_rest(struct kit *kit, struct bundle *bundle)
{
    bool rested = false;

    for (int p = 0; p < bundle->m; p++) {
        const struct cut *cuts = bundle_cuts(bundle, p);

        for (int k = 0; k < bundle->cuts[p]; k++) {
            assert_int_equal(cuts[k].window, kit->ws.patterns.patterns[cuts[k].pattern].window);
            assert_true(cuts[k].window <= bundle->window || cuts[k].weight <= 0);
            rested = rested || cuts[k].window > bundle->window;
        }
    }
    return rested;
}

static void cuts_of_wider_windows_rest(void **state)
{
    int rested = 0;

    (void)state;
    for (unsigned seed = 0; seed < 100; seed++) {
        struct kit kit;
        struct bundle bundle;
        int prices[KIT_VCPUS] = {0}, narrow;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        assert_int_equal(bundle_new(&kit.ws.patterns, &kit.ws.arena, &bundle), 0);
        bundle_move(&bundle, prices, look(&kit, &bundle, prices));
        bundle.prox = kit.in.price_scale;
        for (int k = 0; k < 10; k++) {
            bundle_step(&bundle);
            for (int i = 0; i < kit.in.n; i++)
                prices[i] = (int)lrint(bundle.next[i]);
            look(&kit, &bundle, prices);
        }
        narrow = narrowest_with_all(&bundle);
        bundle_aim(&bundle, narrow);
        assert_weights_are_shared_out(&bundle);
        rested += wider_cuts_rest(&kit, &bundle);
        bundle_step(&bundle);
        assert_weights_are_shared_out(&bundle);
        wider_cuts_rest(&kit, &bundle);
        kit_down(&kit);
    }
    assert_true(rested > 10);
}

/* M's rise, and what the weights promise of it. */
static double rise_of(const struct bundle *bundle, double *ret_promise)
{
    double model = -bundle->value, promise;

    for (int i = 0; i < bundle->n; i++)
        model += bundle->next[i];
    promise = model;
    for (int p = 0; p < bundle->m; p++) {
        double least = INFINITY;

        for (int k = 0; k < bundle->cuts[p]; k++) {
            const struct cut *cut = &bundle_cuts(bundle, p)[k];

            least = fmin(least, bundle_slope(cut, bundle->next));
            promise += cut->weight * bundle_slope(cut, bundle->next);
        }
        model += least;
    }
    *ret_promise = promise;
    return model;
}

/* Wherever prices were looked at, however wide the step: nine tenths of what the weights promise is
 * the model's. */
static void settled_weights_promise_what_the_model_gives(void **state)
{
    static const double widths[] = {0.1, 1, 30, 1000};

    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;
        struct bundle bundle;
        int prices[KIT_VCPUS] = {0};
        unsigned draw = seed * 2654435761u + 1;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        assert_int_equal(bundle_new(&kit.ws.patterns, &kit.ws.arena, &bundle), 0);
        bundle_settle_new(&bundle, &kit.ws.arena);
        assert_int_equal(arena_error(&kit.ws.arena), 0);
        for (int k = 0; k < 20; k++) {
            for (int i = 0; i < kit.in.n; i++, draw = draw * 1664525u + 1013904223u)
                prices[i] = (int)(draw >> 8) % (8 * kit.in.price_scale);
            bundle_move(&bundle, prices, look(&kit, &bundle, prices));
        }
        for (size_t k = 0; k < sizeof(widths) / sizeof(*widths); k++) {
            double promise, rise;

            bundle.prox = widths[k] * kit.in.price_scale;
            bundle_settle(&bundle);
            assert_weights_are_shared_out(&bundle);
            assert_next_is_of_the_weights(&bundle);
            rise = rise_of(&bundle, &promise);
            assert_true(rise >= 0.9 * promise - 1e-6);
        }
        kit_down(&kit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_climbs_to_the_top),
        cmocka_unit_test(cuts_of_wider_windows_rest),
        cmocka_unit_test(settled_weights_promise_what_the_model_gives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
