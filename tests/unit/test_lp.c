/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/lp/lp.h"
#include "models/lp/solver.h"

static void assert_near(double value, double expected)
{
    assert_true(fabs(value - expected) <= 1e-9);
}

/* min 2x + 3y + 1   s.t.  1 <= x + y <= 3,  x integer in 0..5, y in -1..inf */
static struct lp *small(void)
{
    struct lp *lp = lp_new("small");

    assert_non_null(lp);
    assert_int_equal(lp_add_column(lp, "x", LP_INTEGER, 0, 5, 2), 0);
    assert_int_equal(lp_add_column(lp, "y", LP_CONTINUOUS, -1, INFINITY, 3), 1);
    assert_int_equal(lp_add_row(lp, "sum", 1, 3), 0);
    assert_int_equal(lp_add_entry(lp, 0, 0, 1), 0);
    assert_int_equal(lp_add_entry(lp, 0, 1, 1), 0);
    assert_int_equal(lp_add_constant(lp, 1), 0);
    return lp;
}

static void objective_counts_the_constant(void **state)
{
    struct lp *lp = small();

    (void)state;
    assert_near(lp_column(lp, 2)->cost, 1);
    lp_add_constant(lp, 4);
    assert_int_equal(lp_columns(lp), 3);
    assert_near(lp_column(lp, 2)->cost, 5);
    assert_near(lp_column(lp, 2)->lower, 1);
    assert_near(lp_column(lp, 2)->upper, 1);
    lp_free(lp);
}

static void violation_sees_every_kind_of_breach(void **state)
{
    static const struct {
        double x[3], violation;
    } cases[] = {
        {{2, 0, 1}, 0},          {{2, -1, 1}, 0},         {{6, -3.5, 1}, 2.5}, {{-1, 2, 1}, 1},
        {{0, 0, 1}, 1},          {{3, 2, 1}, 2},          {{1.25, 0, 1}, .25}, {{2, 0, 0}, 1},
        {{2, 0, NAN}, INFINITY}, {{NAN, 0, 1}, INFINITY},
    };
    struct lp *lp = small();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_true(lp_violation(lp, cases[i].x) == cases[i].violation);
    lp_free(lp);
}

static void binaries_stay_within_0_and_1(void **state)
{
    struct lp *lp = lp_new("binary");

    (void)state;
    lp_add_column(lp, NULL, LP_BINARY, 0, INFINITY, 0);
    assert_near(lp_violation(lp, (double[]){1}), 0);
    assert_near(lp_violation(lp, (double[]){2}), 1);
    lp_free(lp);
}

static void comments_never_break_the_line(void **state)
{
    struct lp *lp = lp_new("comments");

    (void)state;
    assert_int_equal(lp_add_comment(lp, "guest a\nEnd\r\x1b[0m\tb"), 0);
    assert_string_equal(lp_comment(lp, 0), "guest a?End??[0m?b");
    lp_free(lp);
}

static void names_are_identifiers(void **state)
{
    static const char *const bad[] = {"",    "1x",  "e1",   "E22",     "a b",
                                      "a-b", "a\n", "x[1]", "\xc3\xa4"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct lp *columns = lp_new("columns"), *rows = lp_new("rows");

        assert_int_equal(lp_add_column(columns, "e_1", LP_CONTINUOUS, 0, 1, 0), 0);
        assert_int_equal(lp_add_column(columns, bad[i], LP_CONTINUOUS, 0, 1, 0), -EINVAL);
        assert_int_equal(lp_add_row(rows, bad[i], 0, 1), -EINVAL);
        assert_null(lp_new(bad[i]));
        lp_free(columns);
        lp_free(rows);
    }
}

static void the_first_failure_stays(void **state)
{
    struct lp *lp = small();
    struct solver *solver;

    (void)state;
    assert_int_equal(lp_error(lp), 0);
    assert_int_equal(lp_add_row(lp, "a b", 0, 1), -EINVAL);
    assert_int_equal(lp_add_row(lp, "fine", 0, 1), -EINVAL);
    assert_int_equal(lp_add_column(lp, "fine", LP_BINARY, 0, 1, 0), -EINVAL);
    assert_int_equal(lp_add_entry(lp, 0, 0, 1), -EINVAL);
    assert_int_equal(lp_add_comment(lp, "fine"), -EINVAL);
    assert_int_equal(lp_add_constant(lp, 5), -EINVAL);
    assert_int_equal(lp_columns(lp) + lp_rows(lp), 4);
    assert_near(lp_column(lp, 2)->cost, 1);
    assert_int_equal(lp_error(lp), -EINVAL);
    assert_int_equal(solver_new(lp, &solver), -EINVAL);
    lp_free(lp);
    assert_int_equal(lp_add_row(NULL, NULL, 0, 1), -ENOMEM);
    assert_int_equal(lp_add_constant(NULL, 1), -ENOMEM);
    assert_int_equal(lp_error(NULL), -ENOMEM);
    assert_int_equal(solver_new(NULL, &solver), -ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objective_counts_the_constant),
        cmocka_unit_test(violation_sees_every_kind_of_breach),
        cmocka_unit_test(binaries_stay_within_0_and_1),
        cmocka_unit_test(names_are_identifiers),
        cmocka_unit_test(the_first_failure_stays),
        cmocka_unit_test(comments_never_break_the_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
