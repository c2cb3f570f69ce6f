/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "models/memory/missing.h"
#include "models/memory/problem.h"

/* Two guests, the second with twice the weight of the first. */
static struct memory_item items[2];
static struct memory_problem problem;
static struct memory_level level;

static int set_up(void **state)
{
    (void)state;
    items[0] = (struct memory_item){.lower_kib = 200,
                                    .floor_kib = 300,
                                    .cached_kib = 300,
                                    .wish_kib = 600,
                                    .rest_kib = 700,
                                    .current_kib = 800,
                                    .weight = 100};
    items[1] = items[0];
    items[1].weight = 200;
    problem = (struct memory_problem){.n_items = 2, .items = items};
    return 0;
}

static void run(int64_t capacity)
{
    problem.capacity_kib = capacity;
    memory_level(&problem, &level);
}

static void where_memory_runs_out(void **state)
{
    (void)state;
    run(399);
    assert_int_equal(level.scarce, MEMORY_FLOOR);
    assert_int_equal(level.short_kib, 1);
    run(500);
    assert_int_equal(level.scarce, MEMORY_FLOOR);
    assert_int_equal(level.level_kib, -50); /* 50 below both floors: weights do not count */
    run(600);
    assert_int_equal(level.scarce, MEMORY_WISH);
    assert_int_equal(level.level_kib, 0);
    run(900);
    assert_int_equal(level.level_kib, 100); /* 100 for the first, 200 for the second */
    run(1100);
    assert_int_equal(level.level_kib, 200); /* the second is full at 150 */
    run(1300);
    assert_int_equal(level.scarce, MEMORY_REST);
    run(1400);
    assert_int_equal(level.scarce, MEMORY_IDLE);
}

static void sizes_at_a_level(void **state)
{
    (void)state;
    assert_int_equal(memory_size_at(&items[0], MEMORY_WISH, 100), 400);
    assert_int_equal(memory_size_at(&items[1], MEMORY_WISH, 100), 500);
    assert_int_equal(memory_size_at(&items[1], MEMORY_WISH, 1000), 600);
    assert_int_equal(memory_size_at(&items[1], MEMORY_FLOOR, -30), 270);
    assert_int_equal(memory_size_at(&items[0], MEMORY_FLOOR, -1000), 200);
}

static void how_much_more_memory_it_would_take(void **state)
{
    struct memory_missing *missing;

    (void)state;
    problem.capacity_kib = 700;
    assert_int_equal(memory_missing_new(&problem, &missing), 0);
    assert_int_equal(memory_missing_kib(missing, 0, MEMORY_FLOOR), 0);
    /* All of its wish is level 300 for the first, which gives the second all of its own. */
    assert_int_equal(memory_missing_kib(missing, 0, MEMORY_WISH), 500);
    /* For the second it is level 150, which gives the first 450. */
    assert_int_equal(memory_missing_kib(missing, 1, MEMORY_WISH), 350);
    assert_int_equal(memory_missing_kib(missing, 1, MEMORY_REST), 650);
    memory_missing_free(missing);
    memory_missing_free(NULL);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    assert_int_equal(memory_problem_check(&problem), 0);
    items[0].lower_kib = 801;
    assert_int_equal(memory_problem_check(&problem), -EINVAL);
    items[0].lower_kib = -1;
    assert_int_equal(memory_problem_check(&problem), -EINVAL);
    items[0].lower_kib = 200;
    items[0].wish_kib = 299;
    assert_int_equal(memory_problem_check(&problem), -EINVAL);
    items[0].wish_kib = 600;
    items[1].weight = 0;
    assert_int_equal(memory_problem_check(&problem), -EINVAL);
    items[1].weight = 10001;
    assert_int_equal(memory_problem_check(&problem), -EINVAL);
    items[1].weight = 1;
    items[1].rest_kib = (int64_t)1 << 37;
    assert_int_equal(memory_problem_check(&problem), -EINVAL);
    items[1].rest_kib = 700;
    problem.fair_step_kib = -1;
    assert_int_equal(memory_problem_check(&problem), -EINVAL);
}

static void the_largest_numbers_do_not_overflow(void **state)
{
    int64_t largest = (int64_t)1 << 36;

    (void)state;
    for (int i = 0; i < 2; i++)
        items[i] = (struct memory_item){.floor_kib = largest / 4,
                                        .cached_kib = largest / 2,
                                        .wish_kib = largest - 1,
                                        .rest_kib = largest,
                                        .current_kib = largest,
                                        .weight = i ? 10000 : 1};
    assert_int_equal(memory_problem_check(&problem), 0);
    run(largest + largest / 2);
    assert_int_equal(level.scarce, MEMORY_WISH);
    assert_true(level.level_kib > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(where_memory_runs_out, set_up),
        cmocka_unit_test_setup(sizes_at_a_level, set_up),
        cmocka_unit_test_setup(how_much_more_memory_it_would_take, set_up),
        cmocka_unit_test_setup(nonsense_is_refused, set_up),
        cmocka_unit_test_setup(the_largest_numbers_do_not_overflow, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
