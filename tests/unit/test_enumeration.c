/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/solve/enumeration.h"
#include "models/solve/fixing.h"
#include "tests/unit/vcpu_fixture.h"

/* Value of a pattern at the duals: what leaves is paid for, what enters gets cheaper. */
static int64_t value_of(const struct kit *kit, int p, unsigned set, const int *duals)
{
    int64_t value = 0;
    int items[KIT_VCPUS], n = 0;

    for (int i = 0; i < kit->in.n; i++) {
        bool inside = set >> i & 1, own = kit->in.home[i] == p;

        if (inside)
            items[n++] = i;
        if (own && !inside)
            value += duals[i];
        if (!own && inside)
            value += (int64_t)instance_price(&kit->in, i, p) * kit->in.price_scale - duals[i];
    }
    return value + kit->in.price_scale * instance_together(&kit->in, p, items, n);
}

static int count_patterns(struct kit *kit, const int *duals, int64_t limit, int top)
{
    int count = 0;

    for (int p = 0; p < kit->in.m; p++)
        for (unsigned set = 0; set < 1u << kit->in.n; set++) {
            int load = 0;
            bool allowed = true;

            for (int i = 0; i < kit->in.n; i++) {
                if (!(set >> i & 1))
                    continue;
                load += kit->in.weight[i];
                allowed = allowed && instance_price(&kit->in, i, p) != INSTANCE_FORBIDDEN;
            }
            count += allowed && windows_index(&kit->ws.windows, p, load) <= top &&
                     value_of(kit, p, set, duals) <= limit;
        }
    return count;
}

static void no_pattern_within_the_limit_is_missing(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;
        struct enumeration enumeration;
        int duals[KIT_VCPUS], top;
        int64_t *limit;
        bool complete = false;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        top = kit.ws.windows.n / 2;
        limit = arena_take(&kit.ws.arena, (size_t)kit.in.m * ((size_t)top + 1), sizeof(*limit));
        for (int k = 0; k < kit.in.m * (top + 1); k++)
            limit[k] = 6 * kit.in.price_scale;
        for (int i = 0; i < kit.in.n; i++)
            duals[i] = (i % 4) * 3 * kit.in.price_scale;
        enumeration = (struct enumeration){.pricing = &kit.ws.pricing,
                                           .duals = duals,
                                           .top = top,
                                           .limit = limit,
                                           .slack = INT64_MAX / 4,
                                           .max_patterns = 10000,
                                           .max_steps = 1000000};
        assert_int_equal(enumeration_run(&enumeration, &kit.ws.patterns, &complete), 0);
        assert_true(complete);
        assert_int_equal(kit.ws.patterns.n,
                         count_patterns(&kit, duals, 6 * kit.in.price_scale, top));
        kit_down(&kit);
    }
}

/* Every pattern of two bins is within these. */
static struct enumeration without_limits(struct kit *kit, const int *duals, int max_patterns)
{
    int windows = kit->ws.windows.n;
    int64_t *limit = arena_take(&kit->ws.arena, 2 * (size_t)windows, sizeof(*limit));

    assert_non_null(limit);
    for (int k = 0; k < 2 * windows; k++)
        limit[k] = INT64_MAX / 4;
    return (struct enumeration){.pricing = &kit->ws.pricing,
                                .duals = duals,
                                .top = windows - 1,
                                .limit = limit,
                                .slack = INT64_MAX / 4,
                                .max_patterns = max_patterns,
                                .max_steps = 1000000};
}

static void too_many_are_admitted(void **state)
{
    struct kit kit;
    struct enumeration enumeration;
    int duals[KIT_VCPUS] = {0};
    bool complete = true;

    (void)state;
    kit_plain(&kit, 8, 2);
    kit_up(&kit);
    enumeration = without_limits(&kit, duals, 5);
    assert_int_equal(enumeration_run(&enumeration, &kit.ws.patterns, &complete), 0);
    assert_false(complete);
    assert_int_equal(kit.ws.patterns.n, 5);
    kit_down(&kit);
}

static bool at_once(void *arg)
{
    (void)arg;
    return true;
}

/* A list cut short by the caller is not passed off as all there is. */
static void it_stops_when_told(void **state)
{
    bool complete = true;
    int all = 0;

    (void)state;
    for (int stops = 0; stops < 2; stops++) {
        struct kit kit;
        struct enumeration enumeration;
        int duals[KIT_VCPUS] = {0};

        kit_plain(&kit, KIT_VCPUS, 2);
        kit_up(&kit);
        kit.work.stop = stops ? at_once : NULL;
        enumeration = without_limits(&kit, duals, 10000);
        assert_int_equal(enumeration_run(&enumeration, &kit.ws.patterns, &complete), 0);
        assert_int_equal(complete, !stops);
        assert_true(stops ? kit.ws.patterns.n < all : kit.ws.patterns.n > 1);
        all = kit.ws.patterns.n;
        kit_down(&kit);
    }
}

struct least {
    int64_t bound[1 << 12];
    int32_t value[1 << 12];
};

/* Limits as closing makes them: so much above each bin's least in its window. */
static void fill_limits(struct kit *kit, const int *duals, int top, int64_t slack, int64_t *limit)
{
    struct least *least = arena_take(&kit->ws.arena, 1, sizeof(*least));
    struct evaluation ev = {.bound = least->bound, .bin_value = least->value};
    int *copy = arena_take(&kit->ws.arena, (size_t)kit->in.n, sizeof(int));

    for (int i = 0; i < kit->in.n; i++)
        copy[i] = duals[i];
    kit->ws.pricing.top = top;
    assert_true(kit->in.m * (top + 1) < 1 << 12);
    pricing_evaluate(&kit->ws.pricing, copy, &ev);
    for (int k = 0; k < kit->in.m * (top + 1); k++)
        limit[k] = least->value[k] + slack;
}

/* Who cannot enter for that slack is left out beforehand, and nothing is lost by it. */
static void entrants_are_those_that_matter(void **state)
{
    int fewer = 0;

    (void)state;
    for (unsigned seed = 0; seed < 60; seed++) {
        struct kit kit;
        int duals[KIT_VCPUS], all[KIT_VCPUS], top, n[2];
        int64_t slack, *limit;
        bool complete;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        top = kit.ws.windows.n < 200 ? kit.ws.windows.n / 2 : 100;
        slack = 2 * kit.in.price_scale;
        limit = arena_take(&kit.ws.arena, (size_t)kit.in.m * ((size_t)top + 1), sizeof(*limit));
        for (int i = 0; i < kit.in.n; i++)
            duals[i] = (i % 4) * 3 * kit.in.price_scale;
        fill_limits(&kit, duals, top, slack, limit);
        for (int with = 0; with < 2; with++) {
            struct pattern_store store;

            assert_int_equal(patterns_new(&kit.ws.windows, &store), 0);
            assert_int_equal(
                enumeration_run(&(struct enumeration){.pricing = &kit.ws.pricing,
                                                      .duals = duals,
                                                      .top = top,
                                                      .limit = limit,
                                                      .slack = with ? slack : INT64_MAX / 4,
                                                      .max_patterns = 10000,
                                                      .max_steps = 1000000},
                                &store, &complete),
                0);
            assert_true(complete);
            n[with] = store.n;
            patterns_done(&store);
        }
        assert_int_equal(n[0], n[1]);
        fewer += fixing_entrants(&kit.ws.pricing, duals, 0, pricing_cells(&kit.ws.pricing), slack,
                                 NULL, all) < kit.in.n;
        kit_down(&kit);
    }
    assert_true(fewer > 10);
}

static void a_sample_is_spread_and_says_so(void **state)
{
    struct kit kit;
    struct enumeration enumeration;
    int duals[KIT_VCPUS] = {0}, whole;
    bool complete;

    (void)state;
    kit_plain(&kit, 10, 2);
    kit_up(&kit);
    enumeration = without_limits(&kit, duals, 10000);
    assert_int_equal(enumeration_run(&enumeration, &kit.ws.patterns, &complete), 0);
    assert_true(complete);
    whole = kit.ws.patterns.n;
    patterns_done(&kit.ws.patterns);
    assert_int_equal(patterns_new(&kit.ws.windows, &kit.ws.patterns), 0);
    enumeration.max_per_bin = 50;
    assert_int_equal(enumeration_run(&enumeration, &kit.ws.patterns, &complete), 0);
    assert_false(complete);
    assert_in_range(kit.ws.patterns.n, 20, whole / 2);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_pattern_within_the_limit_is_missing),
        cmocka_unit_test(too_many_are_admitted),
        cmocka_unit_test(it_stops_when_told),
        cmocka_unit_test(entrants_are_those_that_matter),
        cmocka_unit_test(a_sample_is_spread_and_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
