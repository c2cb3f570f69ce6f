/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/compact_comments.h"

#include <stdio.h>

#include "models/placement/evaluate.h"

static void comment_solution(struct lp *lp, const struct placement_solution *solution)
{
    lp_add_comment(lp, "status: %s, by %s", solve_status_text(solution->status),
                   placement_method_text(solution->method));
    if (solution->bin_of)
        lp_add_comment(lp, "incumbent: %.12g, bound: %.12g, gap: %.6g %%", solution->objective,
                       solution->bound, 100 * solution->gap);
}

static void comment_item(const struct placement_problem *problem,
                         const struct placement_solution *solution, size_t v, struct lp *lp)
{
    char from[30] = "floats", to[30] = "";

    if (problem->current[v] >= 0)
        snprintf(from, sizeof(from), "on bin %d", problem->current[v]);
    if (solution && solution->bin_of && solution->bin_of[v] != problem->current[v])
        snprintf(to, sizeof(to), ", to bin %d", solution->bin_of[v]);
    lp_add_comment(lp, "x_%zu_*: %s, demand %.1f %%, %s%s", v,
                   problem->labels ? problem->labels[v] : "", problem->demand_permille[v] / 10.0,
                   from, to);
}

void compact_comments(const struct balance *balance, const struct placement_solution *solution,
                      struct lp *lp)
{
    const struct placement_problem *problem = balance->problem;

    if (problem->objective == PLACEMENT_DEVIATION)
        lp_add_comment(lp,
                       "min dev + prices / %d, in percentage points; dev: largest |load - target| "
                       "of a bin",
                       problem->kappa);
    else
        lp_add_comment(lp,
                       "min sum of (load - target)^2 + prices / %g, in percentage points squared; "
                       "the squares in steps of 0.1 point",
                       problem->nu_milli / 1000.0);
    if (balance->has_overload)
        lp_add_comment(lp, "plus %g for each point of full: what the demands of a bin exceed it by",
                       10 * problem->overload_cost * placement_cost_unit(problem));
    if (balance->groups.n > 0)
        lp_add_comment(
            lp,
            "plus %g for each of a group beyond the first in a bin; where it has more members "
            "than bins, for each that it leaves empty",
            problem->together_cost * placement_cost_unit(problem));
    if (solution)
        comment_solution(lp, solution);
    for (size_t v = 0; v < problem->n_items; v++)
        comment_item(problem, solution, v, lp);
}
