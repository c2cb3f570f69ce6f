/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/certify/ask.h"

/* min 2x + 3y  s.t.  x + y >= 1,  x and y whole in 0..5; the optimum is 2. */
static struct lp *small(void)
{
    struct lp *lp = lp_new("small");
    int row = lp_add_row(lp, "sum", 1, INFINITY);

    lp_add_entry(lp, row, lp_add_column(lp, "x", LP_INTEGER, 0, 5, 2), 1);
    lp_add_entry(lp, row, lp_add_column(lp, "y", LP_INTEGER, 0, 5, 3), 1);
    assert_int_equal(lp_error(lp), 0);
    return lp;
}

static int ask_about(const struct lp *lp, const double *incumbent, double bound, double *ret)
{
    struct question question = {
        .lp = lp, .incumbent = incumbent, .has_bound = true, .bound = bound};
    struct work work = {0};
    struct reply reply;
    int r = ask(&question, &work, &reply);

    *ret = r == 0 && reply.x ? reply.objective : NAN;
    if (r == 0)
        ask_reply_done(&reply);
    return r;
}

static void what_is_known_narrows_the_answer(void **state)
{
    struct lp *lp = small();
    double objective;

    (void)state;
    assert_int_equal(ask_about(lp, (double[]){0, 1}, 0, &objective), 0);
    assert_true(fabs(objective - 2) < 1e-6);
    /* A bound that is too high cuts the optimum off: GLPK has to believe it. */
    assert_int_equal(ask_about(lp, (double[]){0, 1}, 3, &objective), 0);
    assert_true(fabs(objective - 3) < 1e-6);
    lp_free(lp);
}

static void a_plan_that_is_no_point_is_refused(void **state)
{
    static const double wrong[][2] = {{0, 0}, {6, 0}, {0.5, 1}, {-1, 2}, {NAN, 1}};
    struct lp *lp = small();
    double objective;

    (void)state;
    for (size_t k = 0; k < sizeof(wrong) / sizeof(*wrong); k++)
        assert_int_equal(ask_about(lp, wrong[k], 0, &objective), -EINVAL);
    /* A point, but below the bound. */
    assert_int_equal(ask_about(lp, (double[]){1, 0}, 3, &objective), -EINVAL);
    lp_free(lp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_known_narrows_the_answer),
        cmocka_unit_test(a_plan_that_is_no_point_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
