/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/solve/enumeration.h"
#include "models/solve/fixing.h"
#include "tests/unit/vcpu_fixture.h"

/* Limits of so much above each bin's least value in the window. */
static int64_t *make_limits(struct kit *kit, int *duals, int top, int64_t slack)
{
    size_t width = (size_t)top + 1, m = (size_t)kit->in.m;
    int64_t *limit = arena_take(&kit->ws.arena, m * width, sizeof(*limit));
    struct evaluation ev = {.bound = arena_take(&kit->ws.arena, width, sizeof(int64_t)),
                            .bin_value = arena_take(&kit->ws.arena, m * width, sizeof(int32_t))};

    kit->ws.pricing.top = top;
    pricing_evaluate(&kit->ws.pricing, duals, &ev);
    for (size_t k = 0; k < m * width; k++)
        limit[k] = ev.bin_value[k] + slack;
    return limit;
}

static bool holds(const struct pattern *pattern, int i)
{
    for (int k = 0; k < pattern->n_items; k++)
        if (pattern->items[k] == i)
            return true;
    return false;
}

/* Every pattern within the limits. */
static void list_all(struct kit *kit, const int *duals, int top, const int64_t *limit)
{
    bool complete;

    assert_int_equal(enumeration_run(&(struct enumeration){.pricing = &kit->ws.pricing,
                                                           .duals = duals,
                                                           .top = top,
                                                           .limit = limit,
                                                           .slack = INT64_MAX / 4,
                                                           .max_patterns = 100000,
                                                           .max_steps = 10000000},
                                     &kit->ws.patterns, &complete),
                     0);
    assert_true(complete);
}

/* A vCPU stays exactly when no pattern of its bin within the limits lets it go. The pool of the
 * test knows the bin's own vCPUs too, so that it may let go of more than there are patterns for. */
static void whoever_stays_has_to(void **state)
{
    int stay = 0;

    (void)state;
    for (unsigned seed = 0; seed < 80; seed++) {
        struct kit kit;
        int duals[KIT_VCPUS], top;
        bool may_leave[KIT_VCPUS];
        int64_t *limit;

        kit_random(&kit, seed, seed % 2 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        kit_up(&kit);
        top = kit.ws.windows.n < 200 ? kit.ws.windows.n - 1 : 199;
        for (int i = 0; i < kit.in.n; i++) {
            duals[i] = (i % 5) * 2 * kit.in.price_scale;
            may_leave[i] = true;
        }
        limit = make_limits(&kit, duals, top, kit.in.price_scale * (int)(seed % 7));
        fixing_leavers(&kit.ws.pricing, duals, top, limit, may_leave);
        list_all(&kit, duals, top, limit);
        for (int k = 0; k < kit.ws.patterns.n; k++)
            for (int i = 0; i < kit.in.n; i++)
                if (kit.in.home[i] == kit.ws.patterns.patterns[k].bin &&
                    !holds(&kit.ws.patterns.patterns[k], i))
                    assert_true(may_leave[i]);
        for (int i = 0; i < kit.in.n; i++) {
            stay += !may_leave[i];
            if (kit.in.home[i] < 0)
                assert_true(may_leave[i]);
        }
        kit_down(&kit);
    }
    assert_true(stay > 20);
}

/* As if items were fine-grained: pools by halves, and a bin with more of its own than are listed. */
static void many_up(struct kit *kit, unsigned seed)
{
    struct pricing *pricing = &kit->ws.pricing;
    size_t slot;

    kit_plain(kit, KIT_VCPUS, 2 + (int)(seed % 2));
    for (unsigned i = 0; i < KIT_VCPUS; i++)
        kit->demand[i] = (int)((seed * 7919u + i * 104729u) % 200u) + 1;
    kit_up(kit);
    slot = (size_t)kit->in.n_classes * (size_t)kit->in.n * (size_t)pricing->max_cells;
    assert_int_equal(pool_halves_new(&kit->in, pricing->max_cells, pricing->taken + slot,
                                     &kit->ws.arena, &pricing->halves),
                     0);
    pricing->by_halves = true;
}

/* The same where a bin has many of its own: exactly those stay whom every pattern keeps. */
static void whoever_stays_among_many_has_to(void **state)
{
    int stay = 0, leave = 0;

    (void)state;
    for (unsigned seed = 0; seed < 40; seed++) {
        struct kit kit;
        int duals[KIT_VCPUS], top;
        bool may_leave[KIT_VCPUS], leaves[KIT_VCPUS] = {false};
        int64_t *limit;

        many_up(&kit, seed);
        top = kit.ws.windows.n / 3;
        for (int i = 0; i < kit.in.n; i++) {
            duals[i] = (3 + (i * 7) % 11) * kit.in.price_scale;
            may_leave[i] = true;
        }
        limit = make_limits(&kit, duals, top, kit.in.price_scale * (int)(seed % 7));
        fixing_leavers(&kit.ws.pricing, duals, top, limit, may_leave);
        list_all(&kit, duals, top, limit);
        for (int k = 0; k < kit.ws.patterns.n; k++)
            for (int i = 0; i < kit.in.n; i++)
                leaves[i] |= kit.in.home[i] == kit.ws.patterns.patterns[k].bin &&
                             !holds(&kit.ws.patterns.patterns[k], i);
        for (int i = 0; i < kit.in.n; i++) {
            assert_int_equal(leaves[i], may_leave[i]);
            stay += !may_leave[i];
            leave += may_leave[i];
        }
        kit_down(&kit);
    }
    assert_true(stay > 20 && leave > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_stays_has_to),
        cmocka_unit_test(whoever_stays_among_many_has_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
