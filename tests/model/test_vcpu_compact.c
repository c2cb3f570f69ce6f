/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/lp/solver.h"
#include "models/placement/compact.h"
#include "tests/model/certificate.h"
#include "tests/model/families.h"
#include "tests/model/tiny.h"

enum { TINY_PROBLEMS = 300 };

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-7 * fmax(1, fabs(expected))))
        fail_msg("%.12g is not %.12g", value, expected);
}

static double objective_at(const struct lp *lp, const double *x)
{
    double objective = 0;

    for (int j = 0; j < lp_columns(lp); j++)
        objective += lp_column(lp, j)->cost * x[j];
    return objective;
}

static void check_point(const struct placement_problem *problem, const struct lp *lp,
                        const int *bin_of, double objective)
{
    double *x = calloc((size_t)lp_columns(lp) + 1, sizeof(*x));

    assert_non_null(x);
    assert_int_equal(placement_compact_point(problem, lp, bin_of, x), 0);
    assert_true(lp_violation(lp, x) < 1e-9);
    assert_near(objective_at(lp, x), objective);
    free(x);
}

/* The model's optimum is the best placement's price, and its point costs the same. */
static void check_optimum(const struct placement_problem *problem)
{
    int best_bin_of[7] = {0};
    double best = enumerate_placements(problem, best_bin_of);
    enum solve_status status;
    struct solver *solver;
    struct work work = {0};
    struct lp *lp;

    assert_int_equal(placement_compact_lp(problem, NULL, &lp), 0);
    check_point(problem, lp, best_bin_of, best);
    assert_int_equal(solver_new(lp, &solver), 0);
    assert_int_equal(solver_branch(solver, &(struct solver_branching){0}, &work, &status), 0);
    assert_int_equal(status, SOLVE_OPTIMAL);
    assert_near(solver_objective(solver), best);
    solver_free(solver);
    lp_free(lp);
}

static void the_optimum_is_the_best_placement(enum placement_objective objective)
{
    for (uint64_t seed = 0; seed < TINY_PROBLEMS; seed++) {
        struct made_problem tiny = tiny_make(seed, objective);

        check_optimum(&tiny.problem);
        made_problem_done(&tiny);
    }
}

static void deviation(void **state)
{
    (void)state;
    the_optimum_is_the_best_placement(PLACEMENT_DEVIATION);
}

static void variance(void **state)
{
    (void)state;
    the_optimum_is_the_best_placement(PLACEMENT_VARIANCE);
}

/* Where nothing is known beforehand, the steps reach as far as loads can. */
static void variance_prices_any_placement_of_floating_vcpus(void **state)
{
    struct made_problem made = family_make(FAMILY_UNI, 6, 3, 1, PLACEMENT_VARIANCE);
    struct vcpu_reference reference;
    struct lp *lp;

    (void)state;
    for (int i = 0; i < 6; i++)
        made.current[i] = -1;
    reference = reference_new(&made.problem);
    assert_int_equal(placement_compact_lp(&made.problem, NULL, &lp), 0);
    for (int all = 0; all < 3; all++) {
        int bin_of[6] = {all, all, all, all, all, all};

        check_point(&made.problem, lp, bin_of, reference_objective(&reference, bin_of));
    }
    lp_free(lp);
    reference_done(&reference);
    made_problem_done(&made);
}

static void a_vcpu_without_a_bin_makes_it_infeasible(void **state)
{
    struct made_problem made = family_make(FAMILY_NUMA, 8, 4, 1, PLACEMENT_DEVIATION);
    enum solve_status status;
    struct solver *solver;
    struct work work = {0};
    struct lp *lp;

    (void)state;
    for (int p = 0; p < 4; p++)
        made.allowed[3 * 4 + p] = false;
    assert_int_equal(placement_compact_lp(&made.problem, NULL, &lp), 0);
    assert_int_equal(solver_new(lp, &solver), 0);
    assert_int_equal(solver_branch(solver, &(struct solver_branching){0}, &work, &status), 0);
    assert_int_equal(status, SOLVE_INFEASIBLE);
    solver_free(solver);
    lp_free(lp);
    made_problem_done(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deviation),
        cmocka_unit_test(variance),
        cmocka_unit_test(variance_prices_any_placement_of_floating_vcpus),
        cmocka_unit_test(a_vcpu_without_a_bin_makes_it_infeasible),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
