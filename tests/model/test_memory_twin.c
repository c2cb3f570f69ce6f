/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/memory/solver.h"
#include "tests/model/memory_cases.h"
#include "tests/model/other_solvers.h"

/* The specification in MathProg, fed with the raw problem, agrees with the program. Weights are
 * whole hundreds here, where sizes need no rounding. */

static void print_member(FILE *out, const char *name, const struct memory_problem *problem,
                         int64_t (*member)(const struct memory_item *item))
{
    fprintf(out, "param %s :=", name);
    for (size_t i = 0; i < problem->n_items; i++)
        fprintf(out, " %zu %lld", i, (long long)member(&problem->items[i]));
    fputs(";\n", out);
}

static int64_t lower(const struct memory_item *item)
{
    return item->lower_kib;
}

static int64_t floor_of(const struct memory_item *item)
{
    return item->floor_kib;
}

static int64_t cached(const struct memory_item *item)
{
    return item->cached_kib;
}

static int64_t wish(const struct memory_item *item)
{
    return item->wish_kib;
}

static int64_t rest(const struct memory_item *item)
{
    return item->rest_kib;
}

static int64_t current(const struct memory_item *item)
{
    return item->current_kib;
}

static int64_t hundreds(const struct memory_item *item)
{
    return item->weight / 100;
}

static char *data_of(const struct memory_problem *problem)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    fprintf(out, "data;\nparam n := %zu;\nparam capacity := %lld;\nparam fair_step := %lld;\n",
            problem->n_items, (long long)problem->capacity_kib, (long long)problem->fair_step_kib);
    print_member(out, "lower", problem, lower);
    print_member(out, "floor_", problem, floor_of);
    print_member(out, "cached", problem, cached);
    print_member(out, "wish", problem, wish);
    print_member(out, "rest", problem, rest);
    print_member(out, "current", problem, current);
    print_member(out, "weight", problem, hundreds);
    fputs("end;\n", out);
    fclose(out);
    return text;
}

static double twin(const struct memory_problem *problem)
{
    char *data = data_of(problem);
    double objective = glpsol_math(SOURCE_DIR "/models/memory/alloc.mod", data);

    free(data);
    return objective;
}

static void the_twin_finds_the_same_optimum(void **state)
{
    struct memory_solver *solver = memory_solver_new();
    int scarce[MEMORY_LAYERS] = {0};
    uint64_t seed = 17;

    (void)state;
    for (int round = 0; round < 80; round++) {
        struct memory_item items[7];
        struct memory_problem problem;
        struct memory_solution solution;
        double expected;

        memory_case_random(&seed, items, 7, &problem);
        for (size_t i = 0; i < problem.n_items; i++)
            items[i].weight = 100 * (1 + items[i].weight / 100);
        assert_int_equal(memory_solve(solver, &problem, &(struct work){0}, &solution), 0);
        expected = twin(&problem);
        if (!(fabs(solution.objective - expected) <= 1e-6 * fmax(1, expected)))
            fail_msg("round %d, layer %s: %.12g, but the twin says %.12g", round,
                     memory_layer_text(solution.level.scarce), solution.objective, expected);
        scarce[solution.level.scarce]++;
        memory_solution_done(&solution);
    }
    for (int layer = 0; layer < MEMORY_LAYERS; layer++)
        assert_true(scarce[layer] > 0);
    memory_solver_free(solver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_twin_finds_the_same_optimum)};

    if (!has_program("glpsol"))
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
