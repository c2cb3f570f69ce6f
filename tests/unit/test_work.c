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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_limit_is_never_reached),
        cmocka_unit_test(each_limit_counts),
        cmocka_unit_test(room_is_what_the_limit_says),
        cmocka_unit_test(whoever_said_stop_is_not_asked_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
