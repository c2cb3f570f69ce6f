/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/solve/propagation.h"
#include "tests/unit/vcpu_fixture.h"

/* Some patterns of a small problem, chosen at random, each with an excess. */
struct some {
    struct kit kit;
    int chosen[4096];
    int64_t excess[4096];
    int n;
    struct propagation all;
    const struct propagation *after;
    bool any;
};

static void choose(struct some *some, unsigned seed)
{
    struct kit *kit = &some->kit;
    unsigned state = seed * 2654435761u + 1;

    some->n = 0;
    for (int p = 0; p < kit->in.m; p++)
        for (unsigned set = 0; set < 1u << kit->in.n; set++) {
            int items[KIT_VCPUS], n = 0, k;

            state = state * 1103515245u + 12345;
            if (state >> 16 & 3)
                continue;
            for (int i = 0; i < kit->in.n; i++)
                if (set >> i & 1)
                    items[n++] = i;
            k = patterns_add(&kit->ws.patterns, p, items, n);
            assert_true(k >= 0 && some->n < 4096);
            some->excess[some->n] = state >> 20 & 15;
            some->chosen[some->n++] = k;
        }
}

static int chosen_pattern(const struct some *some, const int *bin_of, int p)
{
    int items[KIT_VCPUS], n = 0, k;

    for (int i = 0; i < some->kit.in.n; i++)
        if (bin_of[i] == p)
            items[n++] = i;
    k = patterns_find(&some->kit.ws.patterns, p, items, n);
    for (int z = 0; z < some->n; z++)
        if (some->chosen[z] == k)
            return z;
    return -1;
}

/* Every plan within the slack keeps all of its patterns. */
static void check_plan(struct kit *kit, const int *bin_of, void *arg)
{
    struct some *some = arg;
    int used[KIT_BINS];
    int64_t sum = 0;

    for (int p = 0; p < kit->in.m; p++) {
        used[p] = chosen_pattern(some, bin_of, p);
        if (used[p] < 0)
            return;
        sum += some->excess[used[p]];
    }
    if (some->after->excess && sum > some->after->slack)
        return;
    some->any = true;
    assert_false(some->after->impossible);
    for (int p = 0; p < kit->in.m; p++)
        assert_true(some->after->alive[used[p]]);
    for (int i = 0; i < kit->in.n; i++)
        if (some->after->only_bin[i] >= 0)
            assert_int_equal(some->after->only_bin[i], bin_of[i]);
}

static void no_plan_is_lost(void **state)
{
    int dropped = 0, impossible = 0, with_plans = 0;

    (void)state;
    for (unsigned seed = 0; seed < 120; seed++) {
        struct some *some = calloc(1, sizeof(*some));
        struct propagation propagation;

        assert_non_null(some);
        kit_plain(&some->kit, 5, 3);
        kit_up(&some->kit);
        choose(some, seed);
        propagation = (struct propagation){.store = &some->kit.ws.patterns,
                                           .chosen = some->chosen,
                                           .n_chosen = some->n,
                                           .excess = seed % 2 ? some->excess : NULL,
                                           .slack = 4 + seed % 9};
        assert_int_equal(propagation_run(&propagation, &some->kit.ws.arena), 0);
        some->after = &propagation;
        kit_every_plan(&some->kit, check_plan, some);
        for (int k = 0; k < some->n; k++)
            dropped += !propagation.alive[k];
        impossible += propagation.impossible;
        with_plans += some->any;
        kit_down(&some->kit);
        free(some);
    }
    assert_true(dropped > 100 && impossible > 0 && with_plans > 20);
}

/* Bin 0's only pattern claims both vCPUs, so that bin 1 has to be empty. */
static void claims_are_respected(void **state)
{
    struct kit kit;
    int both[] = {0, 1}, first[] = {0}, chosen[3];
    struct propagation propagation;

    (void)state;
    kit_plain(&kit, 2, 2);
    kit_up(&kit);
    chosen[0] = patterns_add(&kit.ws.patterns, 0, both, 2);
    chosen[1] = patterns_add(&kit.ws.patterns, 1, NULL, 0);
    chosen[2] = patterns_add(&kit.ws.patterns, 1, first, 1);
    propagation = (struct propagation){.store = &kit.ws.patterns, .chosen = chosen, .n_chosen = 3};
    assert_int_equal(propagation_run(&propagation, &kit.ws.arena), 0);
    assert_false(propagation.impossible);
    assert_true(propagation.alive[1]);
    assert_false(propagation.alive[2]);
    assert_int_equal(propagation.only_bin[0], 0);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_plan_is_lost),
        cmocka_unit_test(claims_are_respected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
