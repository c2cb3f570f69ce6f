/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/consult.h"

#include "models/certify/hold_solution.h"

static uint64_t now_ns(const struct vcpu_settings *settings)
{
    return settings->limits.clock_ns ? settings->limits.clock_ns() : 0;
}

/* The plan takes the models over. */
static void fill_solver(struct placement_answer *answer, uint64_t took_ns, struct vcpu_plan *plan)
{
    plan->solver = (struct plan_solver){.model = certify_model_text(answer->model),
                                        .rows = answer->rows,
                                        .columns = answer->columns,
                                        .free = answer->free,
                                        .pivots = answer->pivots,
                                        .nodes = answer->nodes,
                                        .ms = (double)took_ns / 1e6};
    plan->work.stopped = plan->work.stopped || answer->stopped;
    plan->is_evidence = answer->verdict == ANSWER_CONTRADICTS;
    plan->lp = answer->compact;
    plan->lp_given = answer->given;
    answer->compact = answer->given = NULL;
}

static int consult(const struct vcpu_settings *settings, const struct placement_problem *problem,
                   const struct placement_solution *known, bool only_relaxation,
                   struct placement_answer *ret, struct vcpu_plan *plan)
{
    uint64_t began_ns = now_ns(settings);
    struct certify_how how;
    int r;

    certify_how_default(&how);
    how.plain = settings->plain;
    how.only_relaxation = only_relaxation;
    how.keep_lp = settings->keep_lp;
    how.limits.stop = settings->limits.stop;
    how.limits.stop_arg = settings->limits.stop_arg;
    if (settings->plain)
        how.limits.max_pivots = how.limits.max_nodes = 0;
    r = certify_placement(problem, known, &how, ret);
    if (r == 0)
        fill_solver(ret, now_ns(settings) - began_ns, plan);
    return r;
}

/* A vCPU without an allowed bin is for the search to name. */
static void take_infeasible(const struct placement_solution *solution, struct placement_answer *ret)
{
    *ret = (struct placement_answer){.verdict = ANSWER_NONE,
                                     .status = solution->status,
                                     .method = solution->method,
                                     .objective = solution->objective,
                                     .bound = solution->bound};
}

int consult_plan(const struct vcpu_settings *settings, const struct placement_problem *problem,
                 struct placement_answer *ret, struct vcpu_plan *plan)
{
    struct placement_solution solution;
    int r;

    if (settings->plain)
        return consult(settings, problem, NULL, false, ret, plan);
    r = placement_solve(problem, &settings->limits, &solution);
    if (r < 0)
        return r;
    plan->work = solution.work;
    if (solution.bin_of)
        r = consult(settings, problem, &solution, false, ret, plan);
    else
        take_infeasible(&solution, ret);
    placement_solution_done(&solution);
    return r;
}

int consult_hold(const struct vcpu_settings *settings, const struct placement_problem *problem,
                 struct placement_answer *ret, struct vcpu_plan *plan)
{
    struct placement_solution hold;
    int r = hold_solution(problem, &hold);

    if (r < 0)
        return r;
    r = consult(settings, problem, &hold, true, ret, plan);
    placement_solution_done(&hold);
    return r;
}

int consult_aside(const struct vcpu_settings *settings, const struct placement_problem *problem,
                  struct placement_answer *ret)
{
    struct vcpu_settings quiet = *settings;
    struct vcpu_plan plan = {0};
    int r;

    quiet.keep_lp = false;
    r = consult_plan(&quiet, problem, ret, &plan);
    vcpu_plan_done(&plan);
    return r;
}
