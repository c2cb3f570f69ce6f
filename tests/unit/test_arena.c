/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/base/arena.h"

static void pieces_are_zeroed_and_apart(void **state)
{
    struct arena arena = {0};
    char *a = arena_take(&arena, 3, 5), *b = arena_take(&arena, 15, 1);

    (void)state;
    assert_non_null(a);
    assert_non_null(b);
    for (int k = 0; k < 15; k++)
        assert_int_equal(a[k] | b[k], 0);
    a[14] = 1;
    assert_int_equal(b[0], 0);
    arena_done(&arena);
    assert_null(arena.last);
}

static void nothing_is_something(void **state)
{
    struct arena arena = {0};

    (void)state;
    assert_non_null(arena_take(&arena, 0, 8));
    arena_done(&arena);
}

static void an_overflow_is_no_memory(void **state)
{
    struct arena arena = {0};

    (void)state;
    assert_null(arena_take(&arena, SIZE_MAX / 4, 8));
    arena_done(&arena);
}

static void the_first_failure_stays_until_all_is_given_back(void **state)
{
    struct arena arena = {0};

    (void)state;
    assert_non_null(arena_take(&arena, 1, 8));
    assert_int_equal(arena_error(&arena), 0);
    assert_null(arena_take(&arena, SIZE_MAX / 4, 8));
    assert_null(arena_take(&arena, 1, 8));
    assert_int_equal(arena_error(&arena), -ENOMEM);
    arena_done(&arena);
    assert_int_equal(arena_error(&arena), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_and_apart),
        cmocka_unit_test(nothing_is_something),
        cmocka_unit_test(an_overflow_is_no_memory),
        cmocka_unit_test(the_first_failure_stays_until_all_is_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
