/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/program_fixture.h"

/* ---- Warm changes ---- */

static void a_change_is_solved_from_where_it_was(void **state)
{
    struct solver *solver = solver_of(textbook(LP_CONTINUOUS));
    struct work work = {0};

    (void)state;
    assert_int_equal(solver_set_column_bounds(solver, 0, 0, 0), 0);
    assert_int_equal(simplex(solver, &work), SOLVE_OPTIMAL);
    assert_true(solver_objective(solver) > -13 + 1e-6);
    assert_int_equal(solver_set_column_bounds(solver, 0, 0, INFINITY), 0);
    assert_int_equal(simplex(solver, &work), SOLVE_OPTIMAL);
    assert_near(solver_objective(solver), -13);
    assert_int_equal(solver_set_row_bounds(solver, 0, -INFINITY, 4), 0);
    assert_int_equal(simplex(solver, &work), SOLVE_OPTIMAL);
    assert_true(solver_objective(solver) > -13 + 1e-6);
    solver_free(solver);
}

/* ---- Bad input ---- */

static void bad_programs_are_refused(void **state)
{
    static const struct {
        double lower, upper, cost;
        enum lp_kind kind;
    } cases[] = {
        {NAN, 1, 0, LP_CONTINUOUS},
        {0, NAN, 0, LP_CONTINUOUS},
        {2, 1, 0, LP_CONTINUOUS},
        {INFINITY, INFINITY, 0, LP_CONTINUOUS},
        {0, 1, NAN, LP_CONTINUOUS},
        {0, 1, INFINITY, LP_CONTINUOUS},
        {.5, 2, 0, LP_INTEGER},
        {0, 2, 0, LP_BINARY},
        {-INFINITY, -INFINITY, 0, LP_CONTINUOUS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lp *lp = lp_new("bad");
        struct solver *solver = NULL;

        lp_add_column(lp, NULL, cases[i].kind, cases[i].lower, cases[i].upper, cases[i].cost);
        assert_int_equal(solver_new(lp, &solver), -EINVAL);
        assert_null(solver);
        lp_free(lp);
    }
}

static void bad_entries_are_refused(void **state)
{
    static const struct lp_entry cases[] = {{1, 0, 1},   {-1, 0, 1},       {0, 3, 1}, {0, -1, 1},
                                            {0, 2, NAN}, {0, 2, INFINITY}, {0, 1, 5}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lp *lp = program(3, (double[]){1, 1, 1}, 0, 1, LP_CONTINUOUS);
        struct solver *solver = NULL;

        lp_add_row(lp, NULL, 0, 1);
        lp_add_entry(lp, 0, 1, 1);
        lp_add_entry(lp, cases[i].row, cases[i].column, cases[i].coefficient);
        assert_int_equal(solver_new(lp, &solver), -EINVAL);
        lp_free(lp);
    }
}

static void bad_changes_are_refused(void **state)
{
    struct solver *solver = solver_of(textbook(LP_INTEGER));
    struct work work = {0};

    (void)state;
    assert_int_equal(solver_set_column_bounds(solver, 3, 0, 1), -EINVAL);
    assert_int_equal(solver_set_column_bounds(solver, 0, 1, 0), -EINVAL);
    assert_int_equal(solver_set_column_bounds(solver, 0, .5, 1), -EINVAL);
    assert_int_equal(solver_set_column_cost(solver, -1, 0), -EINVAL);
    assert_int_equal(solver_set_column_cost(solver, 0, NAN), -EINVAL);
    assert_int_equal(solver_set_row_bounds(solver, 3, 0, 1), -EINVAL);
    assert_int_equal(solver_set_row_bounds(solver, 0, NAN, 1), -EINVAL);
    assert_int_equal(solver_set_row_basis(solver, 7, SOLVER_BASIC), -EINVAL);
    assert_int_equal(solver_columns(solver), 3);
    assert_int_equal(branch(solver, (struct solver_branching){0}, &work), SOLVE_OPTIMAL);
    assert_near(solver_objective(solver), -13);
    solver_free(solver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_solved_from_where_it_was),
        cmocka_unit_test(bad_programs_are_refused),
        cmocka_unit_test(bad_entries_are_refused),
        cmocka_unit_test(bad_changes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
