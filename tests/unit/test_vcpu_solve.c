/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/placement/evaluate.h"
#include "models/placement/problem.h"
#include "tests/unit/vcpu_fixture.h"

static void equal_to_exhaustion(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 500; seed++) {
        struct kit kit;
        struct placement_solution solution;
        struct placement_value price;
        int64_t optimum;

        kit_random(&kit, seed, seed % 2 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        kit_up(&kit);
        optimum = kit_optimum(&kit);
        assert_int_equal(placement_solve(&kit.problem, NULL, &solution), 0);
        assert_int_equal(placement_evaluate(&kit.problem, solution.bin_of, &price), 0);
        assert_int_equal(price.violations, 0);
        assert_true(price.objective == solution.objective);
        assert_true(solution.bound <= solution.objective);
        if (kit.problem.objective == PLACEMENT_DEVIATION) {
            assert_int_equal(solution.status, SOLVE_OPTIMAL);
            assert_true(fabs(solution.objective - instance_points(&kit.in, optimum)) < 1e-9);
        }
        assert_true(solution.bound <= instance_points(&kit.in, optimum) + 1e-2);
        placement_solution_done(&solution);
        kit_down(&kit);
    }
}

static void a_limit_gives_an_honest_gap(void **state)
{
    struct kit kit;
    struct placement_solution solution;

    (void)state;
    kit_plain(&kit, 10, 4);
    assert_int_equal(placement_solve(&kit.problem, &(struct work){.max_evaluations = 1}, &solution),
                     0);
    assert_true(solution.bound <= solution.objective);
    if (solution.status == SOLVE_FEASIBLE)
        assert_true(solution.gap > 0);
    assert_true(solution.objective <= solution.hold_objective);
    placement_solution_done(&solution);
}

static void no_allowed_bin_is_infeasible_and_named(void **state)
{
    struct kit kit;
    struct placement_solution solution;

    (void)state;
    kit_plain(&kit, 3, 2);
    for (int k = 0; k < 6; k++)
        kit.allowed[k] = k / 2 != 1;
    kit.problem.allowed = kit.allowed;
    assert_int_equal(placement_solve(&kit.problem, NULL, &solution), 0);
    assert_int_equal(solution.status, SOLVE_INFEASIBLE);
    assert_int_equal(solution.homeless_item, 1);
    assert_null(solution.bin_of);
    placement_solution_done(&solution);
}

static void balanced_means_hold(void **state)
{
    struct kit kit;
    struct placement_solution solution;

    (void)state;
    kit_plain(&kit, 0, 3);
    assert_int_equal(placement_solve(&kit.problem, NULL, &solution), 0);
    assert_int_equal(solution.status, SOLVE_OPTIMAL);
    assert_int_equal(solution.method, PLACEMENT_METHOD_HOLD);
    assert_int_equal(solution.work.evaluations, 0);
    placement_solution_done(&solution);
}

static void the_same_twice(void **state)
{
    struct kit kit;
    struct placement_solution one, two;

    (void)state;
    kit_plain(&kit, 10, 4);
    assert_int_equal(placement_solve(&kit.problem, NULL, &one), 0);
    assert_int_equal(placement_solve(&kit.problem, NULL, &two), 0);
    assert_memory_equal(one.bin_of, two.bin_of, 10 * sizeof(int));
    assert_int_equal(one.work.evaluations, two.work.evaluations);
    assert_int_equal(one.work.pivots, two.work.pivots);
    assert_int_equal(one.work.kcells, two.work.kcells);
    placement_solution_done(&one);
    placement_solution_done(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_to_exhaustion),
        cmocka_unit_test(a_limit_gives_an_honest_gap),
        cmocka_unit_test(no_allowed_bin_is_infeasible_and_named),
        cmocka_unit_test(balanced_means_hold),
        cmocka_unit_test(the_same_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
