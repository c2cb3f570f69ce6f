/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/solve/pairs.h"
#include "tests/unit/vcpu_fixture.h"

static int64_t worst(const struct assignment *placement)
{
    int64_t most = 0;

    for (int p = 0; p < placement->in->m; p++)
        most = max64(most, abs64(placement->error[p]));
    return most;
}

struct best {
    int64_t band, cost;
    bool found;
};

static void consider(struct kit *kit, const int *bin_of, void *arg)
{
    struct best *best = arg;
    struct assignment *now = &kit->ws.search.now;

    assignment_set(now, bin_of);
    if (worst(now) > best->band || (best->found && now->cost >= best->cost))
        return;
    best->cost = now->cost;
    best->found = true;
}

/* Without what charges a bin for more than its load. */
static void draw(struct kit *kit, unsigned seed)
{
    kit_random(kit, seed, PLACEMENT_DEVIATION);
    kit->problem.overload_cost = kit->problem.together_cost = 0;
    kit->problem.group_of = NULL;
    kit_up(kit);
}

/* With two bins a pair is all there is. */
static void two_bins_are_shared_out_as_cheaply_as_can_be(void **state)
{
    int n_found = 0, n_none = 0;

    (void)state;
    for (unsigned seed = 0; seed < 600; seed++) {
        struct search_state *search;
        struct best best = {0};
        struct kit kit;

        draw(&kit, seed);
        search = &kit.ws.search;
        best.band = worst(&search->home) * (int)(seed % 5) / 5;
        if (kit.in.m == 2) {
            kit_every_plan(&kit, consider, &best);
            assignment_copy(&search->home, &search->now);
            assert_int_equal(pairs_share_out(search, best.band, NULL), 0);
            if (best.found) {
                assert_true(worst(&search->now) <= best.band);
                assert_int_equal(search->now.cost, best.cost);
            } else {
                assert_int_equal(search->now.cost, search->home.cost);
            }
            n_found += best.found;
            n_none += !best.found;
        }
        kit_down(&kit);
    }
    assert_true(n_found > 40 && n_none > 10);
}

/* What is within the band stays there, and never costs more than before. */
static void no_pair_makes_a_plan_worse(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 300; seed++) {
        struct search_state *search;
        struct kit kit;
        int64_t band;

        draw(&kit, seed);
        search = &kit.ws.search;
        assignment_copy(&search->home, &search->now);
        band = worst(&search->now);
        assert_int_equal(pairs_share_out(search, band, NULL), 0);
        assert_true(worst(&search->now) <= band);
        assert_true(search->now.cost <= search->home.cost);
        kit_down(&kit);
    }
}

/* Where groups are charged, too, it leaves everybody where he is. */
static void charged_groups_are_left_to_others(void **state)
{
    struct search_state *search;
    struct kit kit;

    (void)state;
    kit_plain(&kit, 4, 2);
    kit.problem.group_of = kit.group;
    kit.problem.together_cost = 5;
    kit_up(&kit);
    search = &kit.ws.search;
    assignment_copy(&search->home, &search->now);
    assert_int_equal(pairs_share_out(search, worst(&search->now) - 1, NULL), 0);
    for (int i = 0; i < kit.in.n; i++)
        assert_int_equal(search->now.bin[i], search->home.bin[i]);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_bins_are_shared_out_as_cheaply_as_can_be),
        cmocka_unit_test(no_pair_makes_a_plan_worse),
        cmocka_unit_test(charged_groups_are_left_to_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
