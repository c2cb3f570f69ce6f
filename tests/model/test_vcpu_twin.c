/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/model/certificate.h"
#include "tests/model/families.h"
#include "tests/model/other_solvers.h"
#include "tests/model/tiny.h"

/* The specification in MathProg, fed with the raw problem, agrees with the program and with
 * enumeration. It computes water level, cuts and targets by itself. */
enum { TINY_PROBLEMS = 60 };

static void print_vector(FILE *out, const char *name, const int *values, size_t n, int otherwise)
{
    fprintf(out, "param %s :=", name);
    for (size_t k = 0; k < n; k++)
        fprintf(out, " %zu %d", k, values ? values[k] : otherwise);
    fputs(";\n", out);
}

static void print_matrix(FILE *out, const char *name, const struct placement_problem *problem,
                         bool is_price)
{
    size_t m = problem->n_bins;

    fprintf(out, "param %s :=", name);
    for (size_t k = 0; k < problem->n_items * m; k++)
        fprintf(out, " %zu %zu %d", k / m, k % m,
                is_price ? problem->price[k] : !problem->allowed || problem->allowed[k]);
    fputs(";\n", out);
}

static char *data_of(const struct placement_problem *problem)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    fprintf(out, "data;\nparam n := %zu;\nparam m := %zu;\nparam kappa := %d;\n", problem->n_items,
            problem->n_bins, problem->kappa);
    fprintf(out, "param overload := %d;\nparam together := %d;\n", problem->overload_cost,
            problem->together_cost);
    print_vector(out, "group", problem->group_of, problem->n_items, -1);
    print_vector(out, "demand", problem->demand_permille, problem->n_items, 0);
    print_vector(out, "capacity", problem->capacity_permille, problem->n_bins, 1000);
    print_vector(out, "background", problem->background_permille, problem->n_bins, 0);
    print_matrix(out, "price", problem, true);
    print_matrix(out, "allowed", problem, false);
    fputs("end;\n", out);
    fclose(out);
    return text;
}

static double twin(const struct placement_problem *problem)
{
    char *data = data_of(problem);
    double objective = glpsol_math(SOURCE_DIR "/models/placement/assign.mod", data);

    free(data);
    return objective;
}

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-6 * fmax(1, fabs(expected))))
        fail_msg("%.12g is not %.12g", value, expected);
}

static void tiny_problems(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < TINY_PROBLEMS; seed++) {
        struct made_problem tiny = tiny_make(seed, PLACEMENT_DEVIATION);

        assert_near(twin(&tiny.problem), enumerate_placements(&tiny.problem, NULL));
        made_problem_done(&tiny);
    }
}

static void every_family(void **state)
{
    (void)state;
    for (enum family family = 0; family < 2 * FAMILIES; family++) {
        struct made_problem made = family_make(family / 2, 8, 4, 1, PLACEMENT_DEVIATION);
        struct placement_solution solution;

        made.problem.overload_cost = family % 2 ? 10 * made.problem.kappa : 0;
        made_problem_group(&made, family % 3 ? 2 : 5, family % 4 < 2 ? 3 * made.problem.kappa : 0);
        assert_int_equal(placement_solve(&made.problem, &(struct work){0}, &solution), 0);
        assert_null(certificate_breach(&made.problem, &solution));
        assert_int_equal(solution.status, SOLVE_OPTIMAL);
        assert_near(solution.objective, twin(&made.problem));
        placement_solution_done(&solution);
        made_problem_done(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiny_problems),
        cmocka_unit_test(every_family),
    };

    return skipped_without("glpsol") ? 77 : cmocka_run_group_tests(tests, NULL, NULL);
}
