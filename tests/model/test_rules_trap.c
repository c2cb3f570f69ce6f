/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/solve/enumeration.h"
#include "tests/model/fleets.h"

/* Two relaxations in one proof (models/README.md, "Rooms"): the list of all patterns that a plan no dearer
 * than the optimum can use has to hold the optimum's own. With too little slack for those who enter it does
 * not. */

enum { MAX_PATTERNS = 20 * 1000, MAX_STEPS = 400 * 1000 };

/* An optimum, and what an evaluation at the duals of its proof says about plans no dearer. */
struct scene {
    struct made_fleet fleet;
    struct placement_solution solution;
    struct balance balance;
    struct instance in;
    struct windows windows;
    struct pricing pricing;
    struct work work;
    struct arena arena;
    int *duals;
    int64_t *limit, *bound;
    int32_t *value, *by_load;
    int64_t right; /* slack */
    int64_t objective;
};

static void take_tables(struct scene *s)
{
    size_t cells = (size_t)s->in.m * (size_t)s->windows.n;

    s->duals = arena_take(&s->arena, (size_t)s->in.n, sizeof(int));
    s->bound = arena_take(&s->arena, (size_t)s->windows.n, sizeof(int64_t));
    s->limit = arena_take(&s->arena, cells, sizeof(int64_t));
    s->value = arena_take(&s->arena, cells, sizeof(int32_t));
    s->by_load = arena_take(&s->arena, cells, sizeof(int32_t));
    assert_int_equal(arena_error(&s->arena), 0);
}

static void fill_limits(struct scene *s)
{
    for (int p = 0; p < s->in.m; p++) {
        int64_t most = INT64_MIN;

        for (int t = s->windows.n - 1; t >= 0; t--) {
            int64_t at = (int64_t)p * s->windows.n + t;
            int64_t slack = windows_budget(&s->windows, t, s->objective) - s->bound[t];

            if (slack >= 0 && s->value[at] + slack > most)
                most = s->value[at] + slack;
            s->limit[at] = most;
            if (most > INT64_MIN && most - s->by_load[at] > s->right)
                s->right = most - s->by_load[at];
        }
    }
}

/* False where no search was needed. */
static bool open_scene(enum fleet_family family, uint64_t seed, struct scene *s)
{
    struct placement_value value;
    struct evaluation ev;

    *s = (struct scene){.fleet = fleet_make(family, 6, 40, seed)};
    assert_int_equal(placement_solve(&s->fleet.problem, &(struct work){0}, &s->solution), 0);
    assert_int_equal(s->solution.status, SOLVE_OPTIMAL);
    if (!s->solution.proof || s->solution.proof->n_vectors == 0)
        return false;
    assert_int_equal(balance_new(&s->fleet.problem, &s->balance), 0);
    assert_int_equal(instance_new(&s->balance, &s->in), 0);
    assert_int_equal(placement_evaluate(&s->fleet.problem, s->solution.bin_of, &value), 0);
    s->objective = instance_objective(&s->in, &value);
    assert_int_equal(
        windows_new(&s->in, windows_reach(&s->in, s->objective), &s->arena, &s->windows), 0);
    assert_int_equal(pricing_new(&s->windows, &s->work, &s->arena, &s->pricing), 0);
    assert_int_equal(pricing_by_room(&s->pricing, &s->arena), 1);
    take_tables(s);
    memcpy(s->duals, s->solution.proof->prices, (size_t)s->in.n * sizeof(int));
    ev = (struct evaluation){.bound = s->bound, .bin_value = s->value, .load_value = s->by_load};
    pricing_evaluate(&s->pricing, s->duals, &ev);
    fill_limits(s);
    return true;
}

static void close_scene(struct scene *s)
{
    placement_solution_done(&s->solution);
    instance_done(&s->in);
    balance_done(&s->balance);
    arena_done(&s->arena);
    made_fleet_done(&s->fleet);
}

/* How many of the optimum's patterns are not in the list with this slack; 0 too where it is too long. */
static int count_missing(struct scene *s, int64_t slack, bool *ret_complete)
{
    struct enumeration enumeration = {.pricing = &s->pricing,
                                      .duals = s->duals,
                                      .top = s->windows.n - 1,
                                      .slack = slack,
                                      .limit = s->limit,
                                      .max_patterns = MAX_PATTERNS,
                                      .max_steps = MAX_STEPS};
    int *items = calloc((size_t)s->in.n, sizeof(int)), missing = 0;
    struct pattern_store store;

    assert_non_null(items);
    assert_int_equal(patterns_new(&s->windows, &store), 0);
    assert_int_equal(enumeration_run(&enumeration, &store, ret_complete), 0);
    for (int p = 0; p < s->in.m && *ret_complete; p++) {
        int n = 0;

        for (int i = 0; i < s->in.n; i++)
            if (s->solution.bin_of[s->in.id[i]] == p)
                items[n++] = i;
        missing += patterns_find(&store, p, items, n) < 0;
    }
    patterns_done(&store);
    free(items);
    return missing;
}

static void the_optimum_is_in_the_list_unless_the_slack_is_too_small(void **state)
{
    int complete = 0, with_none = 0;

    (void)state;
    for (enum fleet_family family = 0; family < FLEET_FAMILIES; family++)
        for (uint64_t seed = 1; seed <= 4; seed++) {
            struct scene scene;
            bool is_complete;

            if (open_scene(family, seed, &scene)) {
                int missing = count_missing(&scene, scene.right, &is_complete);

                if (missing > 0)
                    fail_msg("%s %d: %d patterns of the optimum are missing",
                             fleet_family_name(family), (int)seed, missing);
                complete += is_complete;
                with_none += count_missing(&scene, 0, &is_complete) > 0;
            }
            close_scene(&scene);
        }
    print_message("%d lists are complete, without slack %d have gaps\n", complete, with_none);
    assert_true(complete >= 10);
    assert_true(with_none > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_optimum_is_in_the_list_unless_the_slack_is_too_small)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
