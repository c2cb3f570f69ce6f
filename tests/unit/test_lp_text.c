/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/lp/lp.h"

static void expect_text(const struct lp *lp, const char *expected)
{
    char *text = NULL;

    assert_int_equal(lp_text(lp, &text), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void every_kind_of_row_and_bound(void **state)
{
    struct lp *lp = lp_new("kinds");

    (void)state;
    lp_add_column(lp, "pos", LP_CONTINUOUS, 0, INFINITY, 1);
    lp_add_column(lp, "free_one", LP_CONTINUOUS, -INFINITY, INFINITY, 0);
    lp_add_column(lp, "low", LP_CONTINUOUS, -INFINITY, 2.5, -1);
    lp_add_column(lp, "from", LP_INTEGER, 3, INFINITY, .1);
    lp_add_column(lp, "fixed", LP_CONTINUOUS, 4, 4, 0);
    lp_add_column(lp, "bit", LP_BINARY, 0, 1, 0);
    lp_add_column(lp, "spent", LP_BINARY, 0, 0, 0);
    lp_add_row(lp, "eq", 1, 1);
    lp_add_row(lp, "range", -2, 2);
    lp_add_row(lp, "nothing", -INFINITY, INFINITY);
    lp_add_row(lp, "empty", -INFINITY, 0);
    lp_add_entry(lp, 1, 2, -.5);
    lp_add_entry(lp, 0, 0, 1);
    lp_add_entry(lp, 1, 0, 3);
    lp_add_entry(lp, 0, 1, -1);
    lp_add_constant(lp, -7);
    lp_add_comment(lp, "by hand");
    expect_text(lp, "\\ Problem: kinds\n"
                    "\\ by hand\n"
                    "\n"
                    "Minimize\n"
                    " objective: + pos - low + 0.1 from - 7 constant\n"
                    "\n"
                    "Subject To\n"
                    " eq: + pos - free_one = 1\n"
                    " range_min: - 0.5 low + 3 pos >= -2\n"
                    " range_max: - 0.5 low + 3 pos <= 2\n"
                    " empty: + 0 pos <= 0\n"
                    "\n"
                    "Bounds\n"
                    " free_one free\n"
                    " -inf <= low <= 2.5\n"
                    " 3 <= from\n"
                    " fixed = 4\n"
                    " spent = 0\n"
                    " constant = 1\n"
                    "\n"
                    "Generals\n"
                    " from spent\n"
                    "\n"
                    "Binaries\n"
                    " bit\n"
                    "\n"
                    "End\n");
    lp_free(lp);
}

static void names_are_generated_and_lines_broken(void **state)
{
    struct lp *lp = lp_new("wide");

    (void)state;
    lp_add_row(lp, NULL, 1, INFINITY);
    for (int j = 0; j < 6; j++) {
        lp_add_column(lp, NULL, LP_BINARY, 0, 1, 0);
        lp_add_entry(lp, 0, j, j + 1);
    }
    expect_text(lp, "\\ Problem: wide\n"
                    "\n"
                    "Minimize\n"
                    " objective: + 0 x0\n"
                    "\n"
                    "Subject To\n"
                    " row0: + x0 + 2 x1 + 3 x2 + 4 x3 + 5 x4\n"
                    "    + 6 x5 >= 1\n"
                    "\n"
                    "Bounds\n"
                    "\n"
                    "Binaries\n"
                    " x0 x1 x2 x3 x4\n"
                    " x5\n"
                    "\n"
                    "End\n");
    lp_free(lp);
}

/* GLPK refuses a text without rows. */
static void a_program_without_rows_has_one_that_is_always_true(void **state)
{
    struct lp *lp = lp_new("bare");

    (void)state;
    lp_add_column(lp, NULL, LP_CONTINUOUS, 0, 2, -1);
    lp_add_row(lp, "any", -INFINITY, INFINITY);
    expect_text(lp, "\\ Problem: bare\n"
                    "\n"
                    "Minimize\n"
                    " objective: - x0\n"
                    "\n"
                    "Subject To\n"
                    " nothing: + 0 x0 >= 0\n"
                    "\n"
                    "Bounds\n"
                    " 0 <= x0 <= 2\n"
                    "\n"
                    "End\n");
    lp_free(lp);
}

static void numbers_read_back_exactly(void **state)
{
    const double numbers[] = {1. / 3, 1e-9, 123456789.125, 0.1 + 0.2, 5e20};
    struct lp *lp = lp_new("numbers");
    char *text = NULL, *at;

    (void)state;
    for (size_t j = 0; j < 5; j++)
        lp_add_column(lp, NULL, LP_CONTINUOUS, 0, INFINITY, numbers[j]);
    assert_int_equal(lp_text(lp, &text), 0);
    at = strstr(text, "objective:") + strlen("objective:");
    for (size_t j = 0; j < 5; j++) {
        at = strchr(at, '+') + 1;
        assert_true(strtod(at, &at) == numbers[j]);
    }
    free(text);
    lp_free(lp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_row_and_bound),
        cmocka_unit_test(names_are_generated_and_lines_broken),
        cmocka_unit_test(a_program_without_rows_has_one_that_is_always_true),
        cmocka_unit_test(numbers_read_back_exactly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
