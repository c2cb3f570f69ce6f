/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A problem about vCPUs and pCPUs: what the search answers, and what GLPK says to it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/certify/certify.h"
#include "tests/fuzz/problems.h"
#include "tests/model/certificate.h"

/* Limits end a step, and a step under way ends at its own end: so many times a limit at most. */
enum { KCELLS = 2000, PIVOTS = 2000, NODES = 200, EVALUATIONS = 5000, MOST_TIMES = 3 };
static const double DUST = 1e-9;

static struct work limits(void)
{
    return (struct work){.max_kcells = KCELLS,
                         .max_pivots = PIVOTS,
                         .max_nodes = NODES,
                         .max_evaluations = EVALUATIONS};
}

static struct placement_solution solve(const struct placement_problem *problem)
{
    struct work work = limits();
    struct placement_solution solution;
    const char *breach;

    must(placement_solve(problem, &work, &solution) == 0, "a valid problem has an answer");
    breach = certificate_breach(problem, &solution);
    must(!breach, breach);
    must(solution.work.kcells <= MOST_TIMES * KCELLS, "cells stay within their limit");
    must(solution.work.pivots <= MOST_TIMES * PIVOTS, "pivots stay within their limit");
    must(solution.work.nodes <= MOST_TIMES * NODES, "nodes stay within their limit");
    must(solution.work.evaluations <= MOST_TIMES * EVALUATIONS,
         "evaluations stay within their limit");
    return solution;
}

static bool is_below(double a, double b)
{
    return a < b - DUST * fmax(1, fabs(b));
}

static void check_enumerated(const struct placement_problem *problem,
                             const struct placement_solution *solution)
{
    double best = enumerate_placements(problem, NULL);
    double rounding = problem->objective == PLACEMENT_VARIANCE
                          ? (double)problem->n_bins / 256 * 1000 / problem->nu_milli
                          : 0;

    must(!is_below(best, solution->bound), "no placement is cheaper than the bound");
    must(solution->status != SOLVE_OPTIMAL || !is_below(best + rounding, solution->objective),
         "an optimal placement is the cheapest");
}

/* Of the same problem again the same answer, by the same way. */
static void check_repeated(const struct placement_problem *problem,
                           const struct placement_solution *first)
{
    struct placement_solution again = solve(problem);

    must(again.status == first->status && again.method == first->method, "the same way");
    must(again.work.kcells == first->work.kcells && again.work.pivots == first->work.pivots,
         "the same work");
    must(!again.bin_of == !first->bin_of, "the same kind of answer");
    must(!again.bin_of || !problem->n_items ||
             memcmp(again.bin_of, first->bin_of, problem->n_items * sizeof(int)) == 0,
         "the same placement");
    placement_solution_done(&again);
}

/* GLPK is told what is known, or nothing. */
static void check_certified(const struct placement_problem *problem,
                            const struct placement_solution *known, bool plain)
{
    struct certify_how how;
    struct placement_answer answer;

    certify_how_default(&how);
    how.plain = plain;
    how.limits = limits();
    must(certify_placement(problem, plain ? NULL : known, &how, &answer) == 0,
         "GLPK is asked without a failure");
    must(answer.verdict != ANSWER_CONTRADICTS, "GLPK does not contradict");
    if (answer.verdict == ANSWER_ACCEPTED) {
        struct vcpu_reference reference = reference_new(problem);
        double objective = reference_objective(&reference, answer.bin_of);

        reference_done(&reference);
        must(isfinite(objective), "GLPK's placement is allowed");
        must(fabs(objective - answer.objective) <= DUST * fmax(1, objective),
             "GLPK's placement costs what is said");
        must(!is_below(answer.objective, known->bound), "GLPK's placement is not below the bound");
        must(!is_below(known->hold_objective, answer.objective),
             "GLPK's placement is no worse than changing nothing");
    }
    certify_answer_done(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct made_problem made = take_placement(&bytes);
    const struct placement_problem *problem = &made.problem;
    struct placement_solution solution;

    must(placement_problem_check(problem) == 0, "the problem is valid");
    solution = solve(problem);
    if (solution.status != SOLVE_INFEASIBLE) {
        if (is_tiny(problem)) {
            check_enumerated(problem, &solution);
            check_certified(problem, &solution, true);
        }
        check_certified(problem, &solution, false);
    }
    check_repeated(problem, &solution);
    placement_solution_done(&solution);
    made_problem_done(&made);
    return 0;
}
