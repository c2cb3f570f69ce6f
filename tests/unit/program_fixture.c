/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/program_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void assert_near(double value, double expected)
{
    assert_true(fabs(value - expected) <= 1e-9);
}

/* GLPK's own limit on its memory, in MiB: the way to make it abort on valid input. */
void glp_mem_limit(int limit);

struct lp *program(int n, const double costs[], double lower, double upper, enum lp_kind kind)
{
    struct lp *lp = lp_new("test");

    assert_non_null(lp);
    for (int j = 0; j < n; j++)
        assert_int_equal(lp_add_column(lp, NULL, kind, lower, upper, costs[j]), j);
    return lp;
}

void add_row(struct lp *lp, double lower, double upper, const double coefficients[])
{
    int row = lp_add_row(lp, NULL, lower, upper);

    for (int j = 0; j < lp_columns(lp); j++)
        lp_add_entry(lp, row, j, coefficients[j]);
}

struct solver *solver_of(struct lp *lp)
{
    struct solver *solver = NULL;

    assert_int_equal(solver_new(lp, &solver), 0);
    lp_free(lp);
    return solver;
}

struct lp *textbook(enum lp_kind kind)
{
    struct lp *lp = program(3, (double[]){-5, -4, -3}, 0, kind == LP_BINARY ? 1 : 100, kind);

    add_row(lp, -INFINITY, 5, (double[]){2, 3, 1});
    add_row(lp, -INFINITY, 11, (double[]){4, 1, 2});
    add_row(lp, -INFINITY, 8, (double[]){3, 4, 2});
    return lp;
}

struct lp *stubborn(void)
{
    enum { N = 15 };
    double costs[N + 1] = {[N] = 1}, coefficients[N + 1];
    struct lp *lp = program(N + 1, costs, 0, 1, LP_BINARY);

    for (int j = 0; j < N; j++)
        coefficients[j] = 2;
    coefficients[N] = 1;
    add_row(lp, N, N, coefficients);
    return lp;
}

enum solve_status simplex(struct solver *solver, struct work *work)
{
    enum solve_status status = SOLVE_FAILED;

    assert_int_equal(solver_simplex(solver, work, &status), 0);
    return status;
}

enum solve_status branch(struct solver *solver, struct solver_branching how, struct work *work)
{
    enum solve_status status = SOLVE_FAILED;

    assert_int_equal(solver_branch(solver, &how, work, &status), 0);
    return status;
}
