/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/consult_sets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/placement/evaluate.h"
#include "planner/vcpu/consult.h"
#include "planner/vcpu/corners.h"

/* Guests that would crowd a corner of their set are barred from it so often. */
enum { MOST_BARRED = 8 };

static void forget(struct placement_answer *answer, struct vcpu_plan *plan)
{
    certify_answer_done(answer);
    lp_free(plan->lp);
    lp_free(plan->lp_given);
    plan->lp = plan->lp_given = NULL;
}

/* The answer is one to a question that allows less: what bounds the whole one bounds it. */
static void bound_by(double bound, struct placement_answer *answer)
{
    if (!answer->bin_of || answer->bound <= bound)
        return;
    answer->bound = bound;
    if (answer->objective > bound && answer->status == SOLVE_OPTIMAL)
        answer->status = SOLVE_FEASIBLE;
}

static int consult(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                   const struct vcpu_tracks *tracks, struct vcpu_build *build,
                   struct placement_answer *ret, struct vcpu_plan *plan)
{
    int r = consult_plan(settings, &build->problem, ret, plan);
    double bound = ret->bound;

    for (int k = 0; r == 0 && k < MOST_BARRED && ret->bin_of &&
                    corners_bar(sample, tracks, build, ret->bin_of);
         k++) {
        forget(ret, plan);
        r = consult_plan(settings, &build->problem, ret, plan);
    }
    if (r == 0)
        bound_by(bound, ret);
    return r;
}

/* Whether anybody has to be placed beside others that have a set. */
static bool has_both(const struct placement_problem *problem)
{
    bool has_new = false, has_settled = false;

    for (size_t k = 0; k < problem->n_items; k++) {
        has_new = has_new || problem->current[k] < 0;
        has_settled = has_settled || problem->current[k] >= 0;
    }
    return has_new && has_settled;
}

/* What no placement at all is cheaper than: everybody is where that costs least, and all is even. */
static double least_objective(const struct placement_problem *problem)
{
    bool is_deviation = problem->objective == PLACEMENT_DEVIATION;
    double sum = 0;

    for (size_t k = 0; k < problem->n_items; k++)
        sum += placement_least_price(problem, k);
    return is_deviation ? sum / problem->kappa : 1000 * sum / problem->nu_milli;
}

/* Who has a set may not leave it. */
static void keep_settled(const struct placement_problem *problem)
{
    bool *allowed = (bool *)problem->allowed; /* the build's own */

    for (size_t k = 0; k < problem->n_items; k++)
        for (size_t b = 0; b < problem->n_bins && problem->current[k] >= 0; b++)
            allowed[k * problem->n_bins + b] = (int)b == problem->current[k];
}

static int is_even(const struct placement_problem *problem, const int *bin_of, double limit_points,
                   bool *ret)
{
    struct placement_value value;
    int r = placement_evaluate(problem, bin_of, &value);

    if (r == 0)
        *ret = value.overload_permille == 0 &&
               (double)value.deviation_scaled <= limit_points * (double)value.scale;
    return r;
}

int consult_sets(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                 const struct vcpu_tracks *tracks, struct vcpu_build *build, double limit_points,
                 struct placement_answer *ret, struct vcpu_plan *plan)
{
    struct placement_problem *problem = &build->problem;
    size_t n_pairs = problem->n_items * problem->n_bins;
    bool *allowed, is_done = false;
    double least;
    int r;

    if (!settings->keep_settled || !has_both(problem))
        return consult(settings, sample, tracks, build, ret, plan);
    allowed = malloc(n_pairs * sizeof(*allowed));
    if (!allowed)
        return -ENOMEM;
    memcpy(allowed, problem->allowed, n_pairs * sizeof(*allowed));
    least = least_objective(problem);
    keep_settled(problem);
    r = consult(settings, sample, tracks, build, ret, plan);
    if (r == 0 && ret->bin_of)
        r = is_even(problem, ret->bin_of, limit_points, &is_done);
    if (r == 0 && is_done)
        bound_by(least, ret);
    if (r == 0 && !is_done) {
        memcpy((bool *)problem->allowed, allowed, n_pairs * sizeof(*allowed));
        forget(ret, plan);
        r = consult(settings, sample, tracks, build, ret, plan);
    }
    free(allowed);
    return r;
}
