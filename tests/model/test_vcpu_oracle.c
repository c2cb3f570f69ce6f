/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/model/certificate.h"
#include "tests/model/families.h"
#include "tests/model/tiny.h"

enum { TINY_PROBLEMS = 600 };

static struct placement_solution solve(const struct placement_problem *problem,
                                       const struct work *limits)
{
    struct placement_solution solution;
    const char *breach;

    assert_int_equal(placement_solve(problem, limits, &solution), 0);
    breach = certificate_breach(problem, &solution);
    if (breach)
        fail_msg("%s: objective %.12g, bound %.12g, hold %.12g, gap %g, %s by %s", breach,
                 solution.objective, solution.bound, solution.hold_objective, solution.gap,
                 solve_status_text(solution.status), placement_method_text(solution.method));
    return solution;
}

/* The optimum lies between bound and objective: the claims are true. */
static void check_claims(const struct placement_solution *solution, double best, uint64_t seed)
{
    double slack = 1e-9 * fmax(1, best);

    if (!(solution->bound <= best + slack && best <= solution->objective + slack))
        fail_msg("seed %d: the optimum is %.12g, claimed are %.12g .. %.12g, %s by %s", (int)seed,
                 best, solution->bound, solution->objective, solve_status_text(solution->status),
                 placement_method_text(solution->method));
}

static void compare_with_enumeration(enum placement_objective objective)
{
    for (uint64_t seed = 0; seed < TINY_PROBLEMS; seed++) {
        struct made_problem tiny = tiny_make(seed, objective);
        struct placement_solution solution = solve(&tiny.problem, &(struct work){0});

        check_claims(&solution, enumerate_placements(&tiny.problem, NULL), seed);
        if (solution.status != SOLVE_OPTIMAL)
            fail_msg("seed %d: not proven, %.12g .. %.12g", (int)seed, solution.bound,
                     solution.objective);
        placement_solution_done(&solution);
        made_problem_done(&tiny);
    }
}

static void deviation(void **state)
{
    (void)state;
    compare_with_enumeration(PLACEMENT_DEVIATION);
}

static void variance(void **state)
{
    (void)state;
    compare_with_enumeration(PLACEMENT_VARIANCE);
}

/* Whatever the limit, the claims stay true. */
static void any_limit_keeps_the_claims_true(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct made_problem tiny =
            tiny_make(seed, seed % 2 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        double best = enumerate_placements(&tiny.problem, NULL);

        for (int64_t limit = 1; limit <= 8; limit *= 2) {
            struct work limits = {
                .max_evaluations = limit, .max_pivots = limit, .max_nodes = limit};
            struct placement_solution solution = solve(&tiny.problem, &limits);

            check_claims(&solution, best, seed);
            placement_solution_done(&solution);
        }
        made_problem_done(&tiny);
    }
}

static void a_vcpu_without_a_bin_is_named(void **state)
{
    struct made_problem made = family_make(FAMILY_NUMA, 8, 4, 1, PLACEMENT_DEVIATION);
    struct placement_solution solution;

    (void)state;
    memset(&made.allowed[5 * 4], 0, 4 * sizeof(bool));
    solution = solve(&made.problem, &(struct work){0});
    assert_int_equal(solution.status, SOLVE_INFEASIBLE);
    assert_int_equal(solution.homeless_item, 5);
    placement_solution_done(&solution);
    made_problem_done(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deviation),
        cmocka_unit_test(variance),
        cmocka_unit_test(any_limit_keeps_the_claims_true),
        cmocka_unit_test(a_vcpu_without_a_bin_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
