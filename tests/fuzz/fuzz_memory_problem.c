/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A problem about guests and memory: its answer, with and without enough work, and what it claims. */
#include <errno.h>
#include <math.h>

#include "models/lp/solver.h"
#include "models/memory/lp.h"
#include "models/memory/missing.h"
#include "models/memory/segments.h"
#include "models/memory/solver.h"
#include "tests/fuzz/problems.h"

static const double DUST = 1e-6; /* GLPK's, relative */

static void check_value(const struct memory_problem *problem,
                        const struct memory_solution *solution)
{
    struct memory_segments segments = {0};
    struct memory_value value;

    must(memory_segments_build(problem, &segments) == 0, "a valid problem has segments");
    memory_evaluate(problem, &segments, solution->sizes_kib, &value);
    must(value.violations == 0, "every size is in its range");
    must((double)value.cost / 1024 == solution->objective, "the objective is the sizes'");
    must((double)memory_dual_bound(&segments, solution->dual) / 1024 == solution->bound,
         "the bound is the dual's");
    must(solution->bound <= solution->objective, "the bound is not above the objective");
    must(solution->objective <= solution->hold_objective, "nothing is worse than changing nothing");
    must(solution->gap >= 0 && solution->gap <= 1, "the gap is a share");
    must(solution->status == SOLVE_OPTIMAL || solution->status == SOLVE_FEASIBLE,
         "there are always sizes");
    must(solution->status != SOLVE_OPTIMAL || value.over_kib == solution->level.short_kib,
         "memory is overdrawn only by what is short");
    for (int dual = 0; dual <= MEMORY_SHORT_PRICE; dual++)
        must(memory_dual_bound(&segments, dual) <= value.cost, "every dual is a bound");
    memory_segments_done(&segments);
}

/* The named program, solved from nothing. */
static void check_program(const struct memory_problem *problem,
                          const struct memory_solution *solution)
{
    struct solver *solver;
    struct work work = {0};
    enum solve_status status;
    struct lp *lp;

    must(memory_lp(problem, solution, &lp) == 0, "the program can be written");
    must(solver_new(lp, &solver) == 0, "GLPK takes the program");
    must(solver_simplex(solver, &work, &status) == 0, "GLPK answers");
    if (status == SOLVE_OPTIMAL)
        must(fabs(solver_objective(solver) - solution->objective) <=
                 DUST * (1 + fabs(solution->hold_objective)),
             "GLPK's optimum is the same");
    solver_free(solver);
    lp_free(lp);
}

static void check_missing(const struct memory_problem *problem)
{
    struct memory_missing *missing;

    must(memory_missing_new(problem, &missing) == 0, "what is missing can be told");
    for (size_t i = 0; i < problem->n_items; i++) {
        int64_t before = 0;

        for (enum memory_layer layer = MEMORY_FLOOR; layer < MEMORY_IDLE; layer++) {
            int64_t kib = memory_missing_kib(missing, i, layer);

            must(kib >= before, "a higher layer takes no less");
            before = kib;
        }
    }
    memory_missing_free(missing);
}

static void solve(const struct memory_problem *problem, const struct work *limits)
{
    struct memory_solver *solver = memory_solver_new();
    struct memory_solution solution;
    int r;

    must(solver, "there is memory");
    r = memory_solve(solver, problem, limits, &solution);
    must(r == memory_problem_check(problem), "valid problems and no others are solved");
    if (r == 0) {
        check_value(problem, &solution);
        if (solution.status == SOLVE_OPTIMAL && !limits->max_pivots)
            check_program(problem, &solution);
        must(solution.work.pivots <= 4 * (int64_t)problem->n_items + 4, "the fill is near");
        memory_solution_done(&solution);
    }
    memory_solver_free(solver);
}

static bool always(void *arg)
{
    (void)arg;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct memory_item items[MOST_GUESTS];
    struct memory_problem problem = take_memory(&bytes, items);

    solve(&problem, &(struct work){0});
    solve(&problem, &(struct work){.max_pivots = 1});
    solve(&problem, &(struct work){.stop = always});
    if (memory_problem_check(&problem) == 0)
        check_missing(&problem);
    return 0;
}
