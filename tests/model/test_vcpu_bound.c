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

/* No plan whatsoever may cost less than the bound: plans here are what random repair and random
 * walks from the program's own plan come across, under any limit on the work. */
enum { WALKS = 12, STEPS = 150 };

static bool may_run(const struct placement_problem *problem, int v, int p)
{
    return !problem->allowed || problem->allowed[(size_t)v * problem->n_bins + (size_t)p];
}

static void move_one(struct random *random, const struct placement_problem *problem, int *bin_of)
{
    int v = random_between(random, 0, (int)problem->n_items - 1);
    int p = random_between(random, 0, (int)problem->n_bins - 1);

    if (may_run(problem, v, p))
        bin_of[v] = p;
}

static void swap_two(struct random *random, const struct placement_problem *problem, int *bin_of)
{
    int v = random_between(random, 0, (int)problem->n_items - 1);
    int w = random_between(random, 0, (int)problem->n_items - 1);
    int p = bin_of[v];

    if (may_run(problem, v, bin_of[w]) && may_run(problem, w, p)) {
        bin_of[v] = bin_of[w];
        bin_of[w] = p;
    }
}

/* Walks at random, and back whenever that was no better: returns the least price seen. */
static double walk(struct random *random, const struct vcpu_reference *reference, int *bin_of)
{
    const struct placement_problem *problem = reference->problem;
    size_t bytes = problem->n_items * sizeof(*bin_of);
    double best = reference_objective(reference, bin_of);
    int *last = malloc(bytes + 1);

    assert_non_null(last);
    for (int step = 0; step < STEPS; step++) {
        double objective;

        memcpy(last, bin_of, bytes);
        if (random_between(random, 0, 1))
            move_one(random, problem, bin_of);
        else
            swap_two(random, problem, bin_of);
        objective = reference_objective(reference, bin_of);
        if (objective < best)
            best = objective;
        else
            memcpy(bin_of, last, bytes);
    }
    free(last);
    return best;
}

static void check_bound(const struct placement_problem *problem, const struct work *limits,
                        struct random *random)
{
    struct vcpu_reference reference = reference_new(problem);
    int *bin_of = calloc(problem->n_items + 1, sizeof(*bin_of));
    struct placement_solution solution;
    double best = INFINITY;

    assert_non_null(bin_of);
    assert_int_equal(placement_solve(problem, limits, &solution), 0);
    assert_null(certificate_breach(problem, &solution));
    for (int k = 0; k < WALKS; k++) {
        bool from_plan = k % 2 == 0;

        memcpy(bin_of, from_plan ? solution.bin_of : problem->current,
               problem->n_items * sizeof(*bin_of));
        for (int step = 0; step < k; step++)
            move_one(random, problem, bin_of);
        best = fmin(best, walk(random, &reference, bin_of));
    }
    if (!(solution.bound <= best * (1 + 1e-12)))
        fail_msg("a plan costs %.12g, below the bound %.12g", best, solution.bound);
    free(bin_of);
    placement_solution_done(&solution);
    reference_done(&reference);
}

static void every_family(enum placement_objective objective)
{
    static const int sizes[][2] = {{8, 4}, {16, 8}, {24, 6}};
    struct random random = {.state = 5};

    for (enum family family = 0; family < FAMILIES; family++) {
        for (size_t k = 0; k < 3; k++) {
            struct made_problem made = family_make(family, sizes[k][0], sizes[k][1], 3, objective);
            struct work limits[] = {{.max_evaluations = 1},
                                    {.max_evaluations = 20, .max_nodes = 5},
                                    {.max_evaluations = 200, .max_pivots = 2000, .max_nodes = 50}};

            made.problem.kappa = random_between(&random, 1, 40);
            for (size_t l = 0; l < 3; l++)
                check_bound(&made.problem, &limits[l], &random);
            made_problem_done(&made);
        }
    }
}

static void deviation(void **state)
{
    (void)state;
    every_family(PLACEMENT_DEVIATION);
}

static void variance(void **state)
{
    (void)state;
    every_family(PLACEMENT_VARIANCE);
}

static void same_problem_same_plan_and_counts(void **state)
{
    /* Without limits, one confined problem under the variance objective lasts for minutes. */
    const struct work limits = {.max_evaluations = 300, .max_nodes = 2000, .max_kcells = 20000};

    (void)state;
    for (enum family family = 0; family < FAMILIES; family++) {
        for (enum placement_objective objective = PLACEMENT_DEVIATION;
             objective <= PLACEMENT_VARIANCE; objective++) {
            struct made_problem made = family_make(family, 16, 8, 2, objective);
            struct placement_solution solution[2];

            for (int k = 0; k < 2; k++)
                assert_int_equal(placement_solve(&made.problem, &limits, &solution[k]), 0);
            assert_memory_equal(&solution[0].work, &solution[1].work, sizeof(struct work));
            assert_memory_equal(solution[0].bin_of, solution[1].bin_of,
                                made.problem.n_items * sizeof(int));
            assert_int_equal(solution[0].method, solution[1].method);
            assert_true(solution[0].bound == solution[1].bound);
            for (int k = 0; k < 2; k++)
                placement_solution_done(&solution[k]);
            made_problem_done(&made);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deviation),
        cmocka_unit_test(variance),
        cmocka_unit_test(same_problem_same_plan_and_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
