/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/memory/lp.h"
#include "models/memory/missing.h"
#include "models/memory/problem.h"
#include "models/memory/segments.h"
#include "tests/model/memory_cases.h"

/* GLPK's dust on numbers around 1e4 MiB. */
static const double DUST = 1e-6;

/* The certificate: sizes, objective and bound recomputed from the problem, and the same optimum
 * from the named LP solved from nothing. */
static void certify(const struct memory_problem *problem, const struct memory_solution *solution)
{
    struct memory_segments segments = {0};
    struct memory_value value;
    struct solver *solver;
    struct work work = {0};
    enum solve_status status;
    struct lp *lp;

    assert_int_equal(memory_segments_build(problem, &segments), 0);
    memory_evaluate(problem, &segments, solution->sizes_kib, &value);
    assert_int_equal(value.violations, 0);
    assert_true(value.over_kib == solution->level.short_kib);
    assert_true((double)value.cost / 1024 == solution->objective);
    assert_true((double)memory_dual_bound(&segments, solution->dual) / 1024 == solution->bound);
    assert_int_equal(solution->status, SOLVE_OPTIMAL);
    assert_true(solution->gap == 0 && solution->objective == solution->bound);
    assert_true(solution->hold_objective >= solution->objective);
    for (int dual = 0; dual <= MEMORY_SHORT_PRICE; dual++)
        assert_true(memory_dual_bound(&segments, dual) <= value.cost);
    assert_int_equal(memory_lp(problem, solution, &lp), 0);
    assert_int_equal(solver_new(lp, &solver), 0);
    assert_int_equal(solver_simplex(solver, &work, &status), 0);
    assert_int_equal(status, SOLVE_OPTIMAL);
    assert_true(fabs(solver_objective(solver) - solution->objective) <=
                DUST * (1 + fabs(solution->objective)));
    solver_free(solver);
    lp_free(lp);
    memory_segments_done(&segments);
}

static void random_problems_are_solved_to_proven_optimality(void **state)
{
    struct memory_solver *solver = memory_solver_new();
    uint64_t seed = 1;

    (void)state;
    for (int round = 0; round < 1500; round++) {
        struct memory_item items[12];
        struct memory_problem problem;
        struct memory_solution solution;

        memory_case_random(&seed, items, 12, &problem);
        assert_int_equal(memory_solve(solver, &problem, &(struct work){0}, &solution), 0);
        assert_int_equal(solution.method, MEMORY_METHOD_SIMPLEX);
        assert_in_range(solution.work.pivots, 0, 2);
        certify(&problem, &solution);
        memory_solution_done(&solution);
    }
    memory_solver_free(solver);
}

/* Sizes near the exact lexicographic max-min: within the fair step, plus what whole KiB leave
 * over. */
static void compare_with_chain(const struct memory_problem *problem,
                               const struct memory_solution *solution, const double *exact)
{
    double left_over = 2;

    for (size_t i = 0; i < problem->n_items; i++)
        left_over += problem->items[i].weight / 100.0 + 1;
    for (size_t i = 0; i < problem->n_items; i++) {
        double weight = solution->level.scarce == MEMORY_FLOOR ? 100 : problem->items[i].weight;
        double within = (double)problem->fair_step_kib * weight / 100 + left_over;

        assert_true(fabs((double)solution->sizes_kib[i] - exact[i]) <= within);
    }
}

static void the_optimum_is_the_chain_of_max_min_programs(void **state)
{
    struct memory_solver *solver = memory_solver_new();
    uint64_t seed = 7;
    int scarce[MEMORY_LAYERS] = {0};

    (void)state;
    for (int round = 0; round < 400; round++) {
        struct memory_item items[6];
        struct memory_problem problem;
        struct memory_solution solution;
        double exact[6];

        memory_case_random(&seed, items, 6, &problem);
        problem.fair_step_kib = round % 2 ? 0 : problem.fair_step_kib;
        memory_case_max_min(&problem, exact);
        assert_int_equal(memory_solve(solver, &problem, &(struct work){0}, &solution), 0);
        compare_with_chain(&problem, &solution, exact);
        scarce[solution.level.scarce]++;
        memory_solution_done(&solution);
    }
    for (int layer = 0; layer < MEMORY_LAYERS; layer++)
        assert_true(scarce[layer] > 10);
    memory_solver_free(solver);
}

/* With as much more memory the item has its layer, and with clearly less it has not. */
static void what_is_missing_is_what_it_takes(void **state)
{
    struct memory_solver *solver = memory_solver_new();
    uint64_t seed = 23;

    (void)state;
    for (int round = 0; round < 300; round++) {
        struct memory_item items[8];
        struct memory_problem problem;
        struct memory_solution solution;
        struct memory_missing *missing;
        int64_t more, slack = 2;

        memory_case_random(&seed, items, 8, &problem);
        problem.fair_step_kib = 0;
        for (size_t i = 0; i < problem.n_items; i++)
            slack += 1 + items[i].weight / 100;
        assert_int_equal(memory_missing_new(&problem, &missing), 0);
        more = memory_missing_kib(missing, 0, MEMORY_WISH);
        memory_missing_free(missing);
        problem.capacity_kib += more + slack;
        assert_int_equal(memory_solve(solver, &problem, &(struct work){0}, &solution), 0);
        assert_true(solution.sizes_kib[0] + slack >= items[0].wish_kib);
        memory_solution_done(&solution);
        if (more < 20 * slack || items[0].wish_kib <= items[0].lower_kib)
            continue;
        problem.capacity_kib -= 10 * slack;
        assert_int_equal(memory_solve(solver, &problem, &(struct work){0}, &solution), 0);
        assert_true(solution.sizes_kib[0] < items[0].wish_kib);
        memory_solution_done(&solution);
    }
    memory_solver_free(solver);
}

static void nothing_moves_within_the_fair_step(void **state)
{
    struct memory_item items[2] = {
        {.floor_kib = 100, .cached_kib = 100, .wish_kib = 1000, .rest_kib = 1000, .weight = 100},
        {.floor_kib = 100, .cached_kib = 100, .wish_kib = 1000, .rest_kib = 1000, .weight = 100},
    };
    struct memory_problem problem = {.n_items = 2, .items = items, .capacity_kib = 1000};
    struct memory_solver *solver = memory_solver_new();
    struct memory_solution solution;

    (void)state;
    items[0].current_kib = items[0].lower_kib = 540;
    items[1].current_kib = 460;
    items[0].lower_kib = 100;
    items[1].lower_kib = 100;
    problem.fair_step_kib = 50;
    assert_int_equal(memory_solve(solver, &problem, &(struct work){0}, &solution), 0);
    assert_int_equal(solution.sizes_kib[0], 540);
    assert_int_equal(solution.sizes_kib[1], 460);
    assert_true(solution.hold_objective == solution.objective);
    memory_solution_done(&solution);
    problem.fair_step_kib = 0;
    assert_int_equal(memory_solve(solver, &problem, &(struct work){0}, &solution), 0);
    assert_int_equal(solution.sizes_kib[0], 500);
    assert_int_equal(solution.sizes_kib[1], 500);
    memory_solution_done(&solution);
    memory_solver_free(solver);
}

static void without_glpk_the_fill_is_judged_by_the_same_bound(void **state)
{
    struct memory_solver *solver = memory_solver_new();
    uint64_t seed = 3;

    (void)state;
    for (int round = 0; round < 200; round++) {
        struct memory_item items[8];
        struct memory_problem problem;
        struct memory_solution solution;

        memory_case_random(&seed, items, 8, &problem);
        assert_int_equal(
            memory_solve(solver, &problem, &(struct work){.stop = memory_case_stop}, &solution), 0);
        assert_int_equal(solution.method, MEMORY_METHOD_FILL);
        certify(&problem, &solution);
        memory_solution_done(&solution);
    }
    memory_solver_free(solver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_problems_are_solved_to_proven_optimality),
        cmocka_unit_test(the_optimum_is_the_chain_of_max_min_programs),
        cmocka_unit_test(what_is_missing_is_what_it_takes),
        cmocka_unit_test(nothing_moves_within_the_fair_step),
        cmocka_unit_test(without_glpk_the_fill_is_judged_by_the_same_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
