/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/solve_certified.h"

#include <stdlib.h>
#include <string.h>

#include "models/certify/certify.h"
#include "tests/bench/options.h"

/* GLPK's answer becomes the solution's. */
static const char *certify(const struct placement_problem *problem, const struct work *limits,
                           struct placement_solution *solution)
{
    struct certify_how how;
    struct placement_answer answer;
    const char *breach = NULL;

    certify_how_default(&how);
    how.limits.stop = limits->stop;
    how.limits.stop_arg = limits->stop_arg;
    if (certify_placement(problem, solution, &how, &answer) < 0)
        abort();
    solution->work.pivots += answer.pivots;
    solution->work.nodes += answer.nodes;
    solution->status = answer.status;
    solution->objective = answer.objective;
    solution->bound = answer.bound;
    solution->gap = answer.gap;
    if (answer.verdict == ANSWER_ACCEPTED)
        memcpy(solution->bin_of, answer.bin_of, problem->n_items * sizeof(int));
    else if (answer.verdict != ANSWER_NOT_ASKED)
        breach = "GLPK contradicts";
    certify_answer_done(&answer);
    return breach;
}

const char *solve_certified(const struct placement_problem *problem, const struct work *limits,
                            struct placement_solution *ret, double *ret_glpk_ms)
{
    const char *breach;

    if (placement_solve(problem, limits, ret) < 0)
        abort();
    *ret_glpk_ms = cpu_ms();
    breach = certify(problem, limits, ret);
    *ret_glpk_ms = cpu_ms() - *ret_glpk_ms;
    return breach;
}
