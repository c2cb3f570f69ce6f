/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/model/certificate.h"
#include "tests/model/fleets.h"

/* Hard rules beside exhaustive search. */
enum { DEVIATIONS = 500, VARIANCES = 150 };

static struct placement_solution solve(const struct placement_problem *problem, uint64_t seed)
{
    struct placement_solution solution;
    const char *breach;

    assert_int_equal(placement_solve(problem, &(struct work){0}, &solution), 0);
    breach = certificate_breach(problem, &solution);
    if (breach)
        fail_msg("seed %d: %s: objective %.12g, bound %.12g, hold %.12g, %s by %s", (int)seed,
                 breach, solution.objective, solution.bound, solution.hold_objective,
                 solve_status_text(solution.status), placement_method_text(solution.method));
    return solution;
}

/* What the solver claims beside the optimum by enumeration. Whether changing nothing breaks a rule. */
static bool compare(const struct placement_problem *problem, double best, uint64_t seed)
{
    struct placement_solution solution = solve(problem, seed);
    double slack = 1e-9 * fmax(1, best);
    bool is_breached = isinf(solution.hold_objective);

    if (isinf(best)) {
        if (solution.status != SOLVE_INFEASIBLE)
            fail_msg("seed %d: there is no plan, claimed is %s", (int)seed,
                     solve_status_text(solution.status));
    } else if (solution.status != SOLVE_OPTIMAL || solution.bound > best + slack ||
               solution.objective < best - slack) {
        fail_msg("seed %d: the optimum is %.12g, claimed are %.12g .. %.12g, %s by %s", (int)seed,
                 best, solution.bound, solution.objective, solve_status_text(solution.status),
                 placement_method_text(solution.method));
    }
    placement_solution_done(&solution);
    return is_breached;
}

/* Some begin with the best placement, some with all in one bin. */
static void compare_all(enum placement_objective objective, uint64_t problems)
{
    size_t without_plan = 0, breached = 0;

    for (uint64_t seed = 0; seed < problems; seed++) {
        struct made_fleet fleet = fleet_make_tiny(seed, objective);
        int *best_of = calloc(fleet.problem.n_items + 1, sizeof(int));
        double best;

        assert_non_null(best_of);
        best = enumerate_placements(&fleet.problem, best_of);
        if (seed % 3 == 1)
            memset(best_of, 0, fleet.problem.n_items * sizeof(int));
        if (seed % 3 > 0)
            fleet.problem.start = best_of;
        without_plan += isinf(best) != 0;
        breached += compare(&fleet.problem, best, seed);
        free(best_of);
        made_fleet_done(&fleet);
    }
    assert_in_range(without_plan, problems / 25, problems / 2);
    assert_in_range(breached, problems / 4, problems * 9 / 10);
}

static void deviation(void **state)
{
    (void)state;
    compare_all(PLACEMENT_DEVIATION, DEVIATIONS);
}

static void variance(void **state)
{
    (void)state;
    compare_all(PLACEMENT_VARIANCE, VARIANCES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(deviation), cmocka_unit_test(variance)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
