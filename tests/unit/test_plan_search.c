/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/solve/plan_search.h"
#include "tests/unit/vcpu_fixture.h"

/* All patterns of a small problem: the search must find the optimum and refute anything below. */
static void add_all_patterns(struct kit *kit)
{
    for (int p = 0; p < kit->in.m; p++)
        for (unsigned set = 0; set < 1u << kit->in.n; set++) {
            int items[KIT_VCPUS], n = 0;
            bool allowed = true;

            for (int i = 0; i < kit->in.n; i++) {
                if (!(set >> i & 1))
                    continue;
                allowed = allowed && instance_price(&kit->in, i, p) != INSTANCE_FORBIDDEN;
                items[n++] = i;
            }
            if (allowed)
                assert_true(patterns_add(&kit->ws.patterns, p, items, n) >= 0);
        }
}

static struct plan_search_result ask(struct kit *kit, int64_t cutoff, const int *plan,
                                     int64_t *excess, int64_t slack, int *ret)
{
    int *chosen = arena_take(&kit->ws.arena, (size_t)kit->ws.patterns.n, sizeof(int));
    struct plan_search search = {.windows = &kit->ws.windows,
                                 .patterns = &kit->ws.patterns,
                                 .chosen = chosen,
                                 .to = kit->ws.windows.n - 1,
                                 .cutoff = cutoff,
                                 .excess = excess,
                                 .slack = slack,
                                 .plan = plan,
                                 .max_nodes = 1000};
    struct plan_search_result result;

    for (int k = 0; k < kit->ws.patterns.n; k++)
        if (kit->ws.patterns.patterns[k].window < kit->ws.windows.n)
            chosen[search.n_chosen++] = k;
    assert_int_equal(plan_search(&search, &kit->work, ret, &result), 0);
    return result;
}

static void it_finds_the_optimum_and_nothing_below(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        struct kit kit;
        int plan[KIT_VCPUS];
        struct plan_search_result result;
        int64_t optimum;

        kit_random(&kit, seed, seed % 2 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        kit_up(&kit);
        optimum = kit_optimum(&kit);
        add_all_patterns(&kit);
        result = ask(&kit, optimum, NULL, NULL, 0, plan);
        assert_true(result.complete && result.found);
        assert_int_equal(kit_objective(&kit, plan), optimum);
        result = ask(&kit, optimum - 1, kit.ws.search.best.bin, NULL, 0, plan);
        assert_true(result.complete && !result.found);
        kit_down(&kit);
    }
}

/* Without prices a pattern's excess is its cost, and the plan's excesses are its prices. */
static void what_exceeds_the_slack_is_not_looked_at(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 40; seed++) {
        struct kit kit;
        int plan[KIT_VCPUS], n = 0;
        int64_t *excess, optimum;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        optimum = kit_optimum(&kit);
        add_all_patterns(&kit);
        excess = arena_take(&kit.ws.arena, (size_t)kit.ws.patterns.n, sizeof(*excess));
        for (int k = 0; k < kit.ws.patterns.n; k++)
            if (kit.ws.patterns.patterns[k].window < kit.ws.windows.n)
                excess[n++] = kit.ws.patterns.patterns[k].cost;
        assert_true(
            ask(&kit, optimum, NULL, excess, windows_budget(&kit.ws.windows, 0, optimum), plan)
                .found);
        assert_int_equal(kit_objective(&kit, plan), optimum);
        assert_false(ask(&kit, optimum, NULL, excess, -1, plan).found);
        kit_down(&kit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_the_optimum_and_nothing_below),
        cmocka_unit_test(what_exceeds_the_slack_is_not_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
