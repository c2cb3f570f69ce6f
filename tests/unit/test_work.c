/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/base/work.h"

static bool yes(void *arg)
{
    ++*(int *)arg;
    return true;
}

static void no_limit_is_never_reached(void **state)
{
    struct work work = {.evaluations = 1 << 30, .pivots = 1 << 30};

    (void)state;
    assert_false(work_exhausted(&work));
}

static void each_limit_counts(void **state)
{
    struct work pivots = {.max_pivots = 5, .pivots = 5}, nodes = {.max_nodes = 2, .nodes = 3};
    struct work cells = {.max_kcells = 9, .kcells = 8};

    (void)state;
    assert_true(work_exhausted(&pivots));
    assert_true(work_exhausted(&nodes));
    assert_false(work_exhausted(&cells));
    assert_false(pivots.stopped);
}

static void room_is_what_the_limit_says(void **state)
{
    struct work none = {.max_bytes = 0}, some = {.max_bytes = 1000};

    (void)state;
    assert_true(work_has_room(&none, INT64_MAX));
    assert_true(work_has_room(&some, 1000));
    assert_false(work_has_room(&some, 1001));
}

static void whoever_said_stop_is_not_asked_again(void **state)
{
    int asked = 0;
    struct work work = {.stop = yes, .stop_arg = &asked};

    (void)state;
    assert_true(work_exhausted(&work));
    assert_true(work_exhausted(&work));
    assert_true(work.stopped);
    assert_int_equal(asked, 1);
}

/* A pivot of 50 000 cells costs 50 kcells: of the 200 that are left that makes four. */
static void pivots_are_paid_for_in_cells(void **state)
{
    struct work work = {.max_kcells = 1000, .kcells = 800, .pivots = 7, .max_pivots = 100}, own;

    (void)state;
    own = work_for_pivots(&work, 50000);
    assert_int_equal(own.max_pivots, 7 + 4);
    own.pivots += 3;
    own.nodes = 2;
    work_pay_pivots(&work, &own, 50000);
    assert_int_equal(work.pivots, 10);
    assert_int_equal(work.nodes, 2);
    assert_int_equal(work.kcells, 800 + 4 * 50);
    assert_true(work_exhausted(&work));
    assert_int_equal(work_for_pivots(&work, 1).max_pivots, 11); /* one at least */
    assert_int_equal(work_for_pivots(&(struct work){.max_pivots = 5}, 50000).max_pivots, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pivots_are_paid_for_in_cells),
        cmocka_unit_test(no_limit_is_never_reached),
        cmocka_unit_test(each_limit_counts),
        cmocka_unit_test(room_is_what_the_limit_says),
        cmocka_unit_test(whoever_said_stop_is_not_asked_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
