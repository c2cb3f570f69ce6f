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
    struct solver *bystander = solver_of(textbook(LP_CONTINUOUS)), *next = NULL;
    struct lp *lp = lp_new("huge");
    enum solve_status status = SOLVE_FAILED;
    struct work work = {0};

    (void)state;
    for (int j = 0; j < 100000; j++)
        lp_add_column(lp, NULL, LP_CONTINUOUS, 0, 1, 1);
    glp_mem_limit(1);
    assert_int_equal(solver_new(lp, &next), -EPROTO);
    assert_null(next);
    /* The bystander lived in the environment that is gone, and says so. */
    assert_int_equal(solver_simplex(bystander, &work, &status), -EPROTO);
    assert_int_equal(solver_set_column_cost(bystander, 0, 1), -EPROTO);
    assert_int_equal(solver_set_row_basis(bystander, 0, SOLVER_BASIC), -EPROTO);
    assert_true(isnan(solver_objective(bystander)));
    assert_true(isnan(solver_value(bystander, 0)));
    assert_int_equal(status, SOLVE_FAILED);
    assert_int_equal(work.pivots, 0);

    /* The process lives, and so does the next solver, whatever becomes of the dead. */
    assert_int_equal(solver_new(lp, &next), 0); /* a new environment, without the limit */
    solver_free(bystander);
    expect_life();
    assert_int_equal(simplex(next, &work), SOLVE_OPTIMAL);
    solver_free(next);
    lp_free(lp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_abort_is_contained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
