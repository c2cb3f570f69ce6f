/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "models/memory/fill.h"
#include "models/memory/problem.h"
#include "models/memory/segments.h"
#include "models/memory/solver.h"

static struct memory_item items[2];
static struct memory_problem problem;
static struct memory_segments segments;

static int set_up(void **state)
{
    (void)state;
    items[0] = (struct memory_item){.lower_kib = 200,
                                    .floor_kib = 300,
                                    .cached_kib = 350,
                                    .wish_kib = 600,
                                    .rest_kib = 700,
                                    .current_kib = 800,
                                    .weight = 100};
    items[1] = items[0];
    items[1].lower_kib = items[1].current_kib = 250;
    problem = (struct memory_problem){
        .n_items = 2, .items = items, .capacity_kib = 900, .fair_step_kib = 20};
    assert_int_equal(memory_segments_build(&problem, &segments), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memory_segments_done(&segments);
    return 0;
}

static void segments_cover_each_item_and_prices_fall(void **state)
{
    int64_t length[2] = {0};

    (void)state;
    for (size_t k = 0; k < segments.n; k++) {
        const struct memory_segment *segment = &segments.at[k];

        assert_true(segment->length_kib > 0);
        length[segment->item] += segment->length_kib;
        if (k > 0 && segment[-1].item == segment->item)
            assert_true(segment->price < segment[-1].price);
    }
    assert_int_equal(length[0], 600); /* 200 .. current */
    assert_int_equal(length[1], 450); /* 250 .. rest */
    assert_int_equal(segments.level.scarce, MEMORY_WISH);
    assert_int_equal(segments.level.level_kib, 100);
}

static void a_price_counts_what_is_not_held_and_what_is_idle(void **state)
{
    struct memory_value value;

    (void)state;
    memory_evaluate(&problem, &segments, (int64_t[]){800, 250}, &value);
    /* 50 of a floor, 50 of cache, 250 of a wish and 100 of rest are missing; 100 are idle and 150
     * beyond the capacity. The wish of 80 is clearly below the fair level. */
    assert_int_equal(value.cost, 50 * 64 + 50 * 48 + 80 * 32 + 40 * 28 + 130 * 26 + 100 * 16 +
                                     100 * 2 + 150 * 100);
    assert_int_equal(value.over_kib, 150);
    assert_int_equal(value.violations, 0);
    memory_evaluate(&problem, &segments, (int64_t[]){801, 249}, &value);
    assert_int_equal(value.violations, 2);
}

static void no_size_beats_the_bound(void **state)
{
    struct memory_value value;
    int64_t cheapest = INT64_MAX;

    (void)state;
    for (int64_t a = 200; a <= 800; a += 5) {
        for (int64_t b = 250; b <= 700; b += 5) {
            memory_evaluate(&problem, &segments, (int64_t[]){a, b}, &value);
            cheapest = value.cost < cheapest ? value.cost : cheapest;
        }
    }
    for (int dual = 0; dual <= MEMORY_SHORT_PRICE; dual++)
        assert_true(memory_dual_bound(&segments, dual) <= cheapest);
    assert_int_equal(memory_dual_bound(&segments, 30), cheapest);
}

static void the_fill_ends_in_one_segment(void **state)
{
    struct memory_fill fill;
    int64_t sum = 0;
    int basic = 0;

    (void)state;
    memory_fill(&segments, &fill);
    for (size_t k = 0; k < segments.n; k++) {
        sum += memory_filled(&segments.at[k], k, &fill);
        basic += memory_fill_basis(&segments.at[k], k, &fill) == SOLVER_BASIC;
    }
    assert_int_equal(sum, segments.spare_kib);
    assert_int_equal(basic, 1);
    assert_int_equal(segments.at[fill.basic].price, fill.dual);
}

static void the_fill_of_too_much_and_of_too_little(void **state)
{
    struct memory_fill fill;

    (void)state;
    problem.capacity_kib = 5000;
    assert_int_equal(memory_segments_build(&problem, &segments), 0);
    memory_fill(&segments, &fill);
    assert_int_equal(fill.dual, 0);
    assert_true(fill.basic == SIZE_MAX);
    problem.capacity_kib = 100;
    assert_int_equal(memory_segments_build(&problem, &segments), 0);
    memory_fill(&segments, &fill);
    assert_int_equal(fill.dual, MEMORY_SHORT_PRICE);
    for (size_t k = 0; k < segments.n; k++)
        assert_int_equal(memory_filled(&segments.at[k], k, &fill), 0);
}

/* The solver refuses nonsense, serves problems of changing size and is none the worse for a
 * stop. */
static void one_solver_serves_many_problems(void **state)
{
    struct memory_solver *solver = memory_solver_new();
    struct memory_item many[100];
    struct memory_solution solution;

    (void)state;
    for (size_t n = 0; n <= 100; n += 20) {
        struct memory_problem wide = {.n_items = n, .items = many, .capacity_kib = 400 * (int)n};

        for (size_t i = 0; i < n; i++)
            many[i] = items[0];
        assert_int_equal(memory_solve(solver, &wide, &(struct work){0}, &solution), 0);
        assert_int_equal(solution.status, SOLVE_OPTIMAL);
        assert_int_equal(solution.method, MEMORY_METHOD_SIMPLEX);
        memory_solution_done(&solution);
    }
    many[0].weight = 0;
    assert_int_equal(memory_solve(solver, &(struct memory_problem){.n_items = 1, .items = many},
                                  &(struct work){0}, &solution),
                     -EINVAL);
    memory_solver_free(solver);
    memory_solver_free(NULL);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(segments_cover_each_item_and_prices_fall),
        WITH(a_price_counts_what_is_not_held_and_what_is_idle),
        WITH(no_size_beats_the_bound),
        WITH(the_fill_ends_in_one_segment),
        WITH(the_fill_of_too_much_and_of_too_little),
        WITH(one_solver_serves_many_problems),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
