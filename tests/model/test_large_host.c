/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/model/certificate.h"
#include "tests/model/families.h"

/* Instances that are proven only while every step does its part, within counted work: no clock
 * decides. */

/* The gap that is left; 0 when it is proven. */
static double solve(struct made_problem made, const struct work *limits)
{
    struct placement_solution solution;
    double gap;

    assert_int_equal(placement_solve(&made.problem, limits, &solution), 0);
    assert_null(certificate_breach(&made.problem, &solution));
    gap = solution.status == SOLVE_OPTIMAL ? 0 : fmax(solution.gap, 1e-9);
    placement_solution_done(&solution);
    made_problem_done(&made);
    return gap;
}

static bool proves(struct made_problem made, const struct work *limits)
{
    return solve(made, limits) <= 0;
}

/* Where many bins share a few vCPUs, a step of the dual ascent that is taken before its weights
 * have settled ends far below the top: 3 to 7 % were left here. */
static void steps_are_taken_in_earnest(void **state)
{
    const struct work limits = {.max_evaluations = 800, .max_pivots = 3000};

    (void)state;
    for (unsigned seed = 5; seed <= 8; seed++)
        assert_true(
            proves(family_make(FAMILY_SPIKE, 512, 128, seed, PLACEMENT_DEVIATION), &limits));
}

/* Evaluations that gain too little for a step are no reason to give a window up: 6 % were left. */
static void climbs_are_not_given_up(void **state)
{
    const struct work limits = {.max_evaluations = 1000, .max_pivots = 4000};

    (void)state;
    assert_true(solve(family_make(FAMILY_SPIKE, 1024, 256, 9, PLACEMENT_DEVIATION), &limits) <
                0.03);
}

/* The set that stays may weigh a little more than the target where that is what the optimum does,
 * and there are several ways to pack the rest. */
static void packed_as_the_bound_says(void **state)
{
    const struct work limits = {.max_evaluations = 1000, .max_pivots = 1000};

    (void)state;
    for (unsigned seed = 1; seed <= 6; seed++)
        assert_true(proves(family_make(FAMILY_ALL0, 64, 16, seed, PLACEMENT_DEVIATION), &limits));
    for (unsigned seed = 26; seed <= 27; seed++)
        assert_true(proves(family_make(FAMILY_ALL0, 128, 32, seed, PLACEMENT_DEVIATION), &limits));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_taken_in_earnest),
        cmocka_unit_test(climbs_are_not_given_up),
        cmocka_unit_test(packed_as_the_bound_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
