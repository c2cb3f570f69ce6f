/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/lp/solver.h"
#include "tests/model/certificate.h"
#include "tests/model/families.h"

/* GLPK's own limit on its memory, in MiB: the way to make it abort on valid input. */
void glp_mem_limit(int limit);

/* Keeps GLPK's environment, and with it the limit, alive between the solvers of one plan. */
static struct solver *bystander(void)
{
    struct lp *lp = lp_new("bystander");
    struct solver *solver = NULL;

    assert_int_equal(lp_add_column(lp, "x", LP_CONTINUOUS, 0, 1, 1), 0);
    assert_int_equal(solver_new(lp, &solver), 0);
    lp_free(lp);
    return solver;
}

/* A plan comes out all the same: the best one known, with the gap that was proven. */
static void a_plan_survives_an_abort_of_glpk(void **state)
{
    struct made_problem made = family_make(FAMILY_TRI, 512, 128, 1, PLACEMENT_DEVIATION);
    struct work limits = {.max_kcells = 400000, .max_pivots = 20000, .max_nodes = 5000};
    struct placement_solution whole, cut;
    struct solver *witness;
    enum solve_status status;

    (void)state;
    assert_int_equal(placement_solve(&made.problem, &limits, &whole), 0);
    assert_true(whole.work.pivots > 0);
    witness = bystander();
    glp_mem_limit(1);
    assert_int_equal(placement_solve(&made.problem, &limits, &cut), 0);
    assert_int_equal(solver_simplex(witness, &(struct work){0}, &status), -EPROTO);
    assert_null(certificate_breach(&made.problem, &cut));
    assert_true(cut.objective <= cut.hold_objective);
    assert_true(cut.bound <= whole.objective);
    solver_free(witness);
    placement_solution_done(&whole);
    placement_solution_done(&cut);
    made_problem_done(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_survives_an_abort_of_glpk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
