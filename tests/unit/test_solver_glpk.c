/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/program_fixture.h"

/* GLPK's own limit on its memory, in MiB: the way to make it abort on valid input. */
void glp_mem_limit(int limit);

static void expect_life(void)
{
    struct solver *solver = solver_of(textbook(LP_CONTINUOUS));

    assert_int_equal(simplex(solver, &(struct work){0}), SOLVE_OPTIMAL);
    assert_near(solver_objective(solver), -13);
    solver_free(solver);
}

static void an_abort_is_contained(void **state)
{
    struct solver *bystander = solver_of(textbook(LP_CONTINUOUS));
    struct solver *grown = solver_of(textbook(LP_CONTINUOUS));
    enum solve_status status = SOLVE_FAILED;
    struct work work = {0};
    int r = 0;

    (void)state;
    glp_mem_limit(1);
    for (int j = 0; j < 1000000 && r >= 0; j++)
        r = solver_add_column(grown, LP_CONTINUOUS, 0, 1, 1, 1, (int[]){0}, (double[]){1});
    assert_int_equal(r, -EPROTO);
    /* Both lived in the environment that is gone; both say so, and only so. */
    assert_int_equal(solver_simplex(grown, &work, &status), -EPROTO);
    assert_int_equal(solver_simplex(bystander, &work, &status), -EPROTO);
    assert_int_equal(solver_set_column_cost(bystander, 0, 1), -EPROTO);
    assert_int_equal(solver_set_row_basis(bystander, 0, SOLVER_BASIC), -EPROTO);
    assert_true(isnan(solver_objective(bystander)));
    assert_true(isnan(solver_value(bystander, 0)));
    assert_int_equal(status, SOLVE_FAILED);
    assert_int_equal(work.pivots, 0);

    /* The process lives, and so does the next solver, whatever becomes of the dead. */
    solver_free(grown);
    grown = solver_of(textbook(LP_CONTINUOUS));
    solver_free(bystander);
    expect_life();
    assert_int_equal(simplex(grown, &work), SOLVE_OPTIMAL);
    solver_free(grown);
}

static void an_abort_while_loading_is_contained(void **state)
{
    struct solver *keeper = solver_of(textbook(LP_CONTINUOUS)), *solver = NULL;
    struct lp *lp = lp_new("huge");

    (void)state;
    for (int j = 0; j < 100000; j++)
        lp_add_column(lp, NULL, LP_CONTINUOUS, 0, 1, 1);
    glp_mem_limit(1);
    assert_int_equal(solver_new(lp, &solver), -EPROTO);
    assert_null(solver);
    assert_int_equal(solver_new(lp, &solver), 0); /* a new environment, without the limit */
    solver_free(solver);
    lp_free(lp);
    solver_free(keeper);
    expect_life();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_abort_is_contained),
        cmocka_unit_test(an_abort_while_loading_is_contained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
