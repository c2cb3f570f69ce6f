/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/program_fixture.h"

/* ---- One test per row of the table of return codes and statuses ---- */

static void simplex_optimal(void **state)
{
    struct solver *solver = solver_of(textbook(LP_CONTINUOUS));
    struct work work = {0};

    (void)state;
    assert_int_equal(simplex(solver, &work), SOLVE_OPTIMAL);
    assert_near(solver_objective(solver), -13);
    assert_near(solver_bound(solver), -13);
    assert_near(solver_value(solver, 0), 2);
    assert_near(solver_value(solver, 1), 0);
    assert_near(solver_value(solver, 2), 1);
    assert_near(solver_row_dual(solver, 0), -1);
    assert_near(solver_row_dual(solver, 1), 0);
    assert_near(solver_row_dual(solver, 2), -1);
    assert_near(solver_reduced_cost(solver, 1), 3);
    assert_true(solver_is_basic(solver, 0));
    assert_false(solver_is_basic(solver, 1));
    assert_in_range(work.pivots, 1, 10);
    solver_free(solver);
}

static void simplex_infeasible(void **state)
{
    struct lp *lp = textbook(LP_CONTINUOUS);
    struct solver *solver;
    struct work work = {0};

    (void)state;
    add_row(lp, 50, INFINITY, (double[]){1, 1, 1});
    solver = solver_of(lp);
    assert_int_equal(simplex(solver, &work), SOLVE_INFEASIBLE);
    assert_int_equal(branch(solver, (struct solver_branching){0}, &work), SOLVE_INFEASIBLE);
    solver_free(solver);
}

static void simplex_unbounded(void **state)
{
    struct lp *lp = program(2, (double[]){-1, 0}, 0, INFINITY, LP_CONTINUOUS);
    struct solver *solver;
    struct work work = {0};

    (void)state;
    add_row(lp, -INFINITY, 1, (double[]){1, -1});
    solver = solver_of(lp);
    assert_int_equal(simplex(solver, &work), SOLVE_UNBOUNDED);
    assert_int_equal(branch(solver, (struct solver_branching){0}, &work), SOLVE_UNBOUNDED);
    solver_free(solver);
}

static void simplex_out_of_pivots_with_a_point(void **state)
{
    struct solver *solver = solver_of(textbook(LP_CONTINUOUS));
    struct work work = {.max_pivots = 1};

    (void)state;
    assert_int_equal(simplex(solver, &work), SOLVE_FEASIBLE);
    assert_int_equal(work.pivots, 1);
    assert_true(solver_objective(solver) > -13);
    /* No more work, no claim; more work, and it goes on from where it was. */
    assert_int_equal(simplex(solver, &work), SOLVE_NO_INCUMBENT);
    work.max_pivots = 0;
    assert_int_equal(simplex(solver, &work), SOLVE_OPTIMAL);
    solver_free(solver);
}

static void simplex_out_of_pivots_without_a_point(void **state)
{
    struct lp *lp = textbook(LP_CONTINUOUS);
    struct solver *solver;
    struct work work = {.max_pivots = 1};

    (void)state;
    add_row(lp, .5, INFINITY, (double[]){1, 0, 0});
    add_row(lp, .5, INFINITY, (double[]){0, 1, 0});
    solver = solver_of(lp);
    assert_int_equal(simplex(solver, &work), SOLVE_NO_INCUMBENT);
    assert_int_equal(branch(solver, (struct solver_branching){0}, &work), SOLVE_NO_INCUMBENT);
    solver_free(solver);
}

static void a_bad_basis_is_repaired(void **state)
{
    struct lp *lp = program(2, (double[]){-1, -2}, 0, 4, LP_CONTINUOUS);
    struct solver *solver;
    struct work work = {0};

    (void)state;
    add_row(lp, -INFINITY, 3, (double[]){1, 1});
    add_row(lp, -INFINITY, 6, (double[]){2, 2});
    solver = solver_of(lp);
    for (int j = 0; j < 2; j++) { /* singular: both columns are (1, 2) */
        assert_int_equal(solver_set_column_basis(solver, j, SOLVER_BASIC), 0);
        assert_int_equal(solver_set_row_basis(solver, j, SOLVER_AT_UPPER), 0);
    }
    assert_int_equal(simplex(solver, &work), SOLVE_OPTIMAL);
    assert_near(solver_objective(solver), -6);
    for (int j = 0; j < 2; j++) { /* one basic variable too many */
        solver_set_column_basis(solver, j, SOLVER_BASIC);
        solver_set_row_basis(solver, 0, SOLVER_BASIC);
    }
    assert_int_equal(simplex(solver, &work), SOLVE_OPTIMAL);
    solver_free(solver);
}

static void branch_optimal(void **state)
{
    struct solver *solver = solver_of(stubborn());
    struct work work = {0};

    (void)state;
    assert_int_equal(branch(solver, (struct solver_branching){0}, &work), SOLVE_OPTIMAL);
    assert_near(solver_objective(solver), 1);
    assert_near(solver_bound(solver), 1);
    assert_true(work.nodes > 100);
    solver_free(solver);
}

static void branch_infeasible(void **state)
{
    struct lp *lp = program(2, (double[]){1, 1}, 0, 9, LP_INTEGER);
    struct solver *solver;
    struct work work = {0};

    (void)state;
    add_row(lp, 3, 3, (double[]){2, 2});
    solver = solver_of(lp);
    assert_int_equal(branch(solver, (struct solver_branching){0}, &work), SOLVE_INFEASIBLE);
    solver_free(solver);
}

static void branch_out_of_nodes(void **state)
{
    double incumbent[16] = {1, 1, 1, 1, 1, 1, 1, [15] = 1};
    struct work work = {.max_nodes = 10};
    struct solver *solver = solver_of(stubborn());

    (void)state;
    assert_int_equal(branch(solver, (struct solver_branching){0}, &work), SOLVE_NO_INCUMBENT);
    assert_in_range(work.nodes, 10, 12);
    work = (struct work){0};
    assert_int_equal(
        branch(solver, (struct solver_branching){.incumbent = incumbent, .max_nodes = 10}, &work),
        SOLVE_FEASIBLE);
    assert_near(solver_objective(solver), 1);
    assert_near(solver_bound(solver), 0);
    assert_near(solver_value(solver, 15), 1);
    solver_free(solver);
}

/* ---- Limits ---- */

static bool stop_at_third(void *arg)
{
    return ++*(int *)arg == 3;
}

static void stop_ends_a_search(void **state)
{
    int asked = 0;
    struct work work = {.stop = stop_at_third, .stop_arg = &asked};
    struct solver *solver = solver_of(stubborn());

    (void)state;
    assert_int_equal(branch(solver, (struct solver_branching){0}, &work), SOLVE_NO_INCUMBENT);
    assert_true(work.stopped);
    assert_int_equal(asked, 3); /* whoever has seen it does not ask again */
    assert_int_equal(simplex(solver, &work), SOLVE_NO_INCUMBENT);
    assert_int_equal(asked, 3);
    solver_free(solver);
}

struct visit {
    struct solver *solver;
    int result;
};

static bool come_back_in(void *arg)
{
    struct visit *visit = arg;

    visit->result = solver_set_column_cost(visit->solver, 0, 1);
    return true;
}

static void stop_must_not_come_back_in(void **state)
{
    struct visit visit = {.solver = solver_of(stubborn())};
    struct work work = {.stop = come_back_in, .stop_arg = &visit};

    (void)state;
    simplex(visit.solver, &(struct work){0});
    branch(visit.solver, (struct solver_branching){0}, &work);
    assert_int_equal(visit.result, -EINVAL);
    solver_free(visit.solver);
}

/* A fourth product that uses the first two rows, and is worth 10. */
static void a_column_may_come_later(void **state)
{
    struct lp_entry entries[] = {{.row = 0, .coefficient = 1}, {.row = 1, .coefficient = 1}};
    struct lp_column column = {.upper = INFINITY, .cost = -10};
    struct solver *solver = solver_of(textbook(LP_CONTINUOUS));
    struct work work = {0};

    (void)state;
    simplex(solver, &work);
    assert_int_equal(solver_add_column(solver, &column, entries, 2), 0);
    assert_int_equal(solver_columns(solver), 4);
    assert_int_equal(simplex(solver, &work), SOLVE_OPTIMAL);
    assert_near(solver_objective(solver), -50);
    assert_near(solver_value(solver, 3), 5);
    entries[1].row = 0;
    assert_int_equal(solver_add_column(solver, &column, entries, 2), -EINVAL);
    entries[1].row = 3;
    assert_int_equal(solver_add_column(solver, &column, entries, 2), -EINVAL);
    column.cost = NAN;
    assert_int_equal(solver_add_column(solver, &column, entries, 1), -EINVAL);
    assert_int_equal(solver_columns(solver), 4);
    solver_free(solver);
}

static void same_program_same_counts(void **state)
{
    struct work work[2] = {{0}, {0}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct solver *solver = solver_of(stubborn());

        branch(solver, (struct solver_branching){0}, &work[i]);
        solver_free(solver);
    }
    assert_memory_equal(&work[0], &work[1], sizeof(work[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simplex_optimal),
        cmocka_unit_test(simplex_infeasible),
        cmocka_unit_test(simplex_unbounded),
        cmocka_unit_test(simplex_out_of_pivots_with_a_point),
        cmocka_unit_test(simplex_out_of_pivots_without_a_point),
        cmocka_unit_test(a_bad_basis_is_repaired),
        cmocka_unit_test(branch_optimal),
        cmocka_unit_test(branch_infeasible),
        cmocka_unit_test(branch_out_of_nodes),
        cmocka_unit_test(stop_ends_a_search),
        cmocka_unit_test(stop_must_not_come_back_in),
        cmocka_unit_test(a_column_may_come_later),
        cmocka_unit_test(same_program_same_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
