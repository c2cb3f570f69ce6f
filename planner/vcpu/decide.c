/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/decide.h"
#include "models/placement/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "planner/vcpu/confirm.h"
#include "planner/vcpu/consult_sets.h"
#include "planner/vcpu/diff.h"
#include "planner/vcpu/gate_memory.h"
#include "planner/vcpu/harm.h"
#include "planner/vcpu/plan_waiting.h"
#include "planner/vcpu/remote.h"
#include "planner/vcpu/set_build.h"
#include "planner/vcpu/set_memory.h"
#include "planner/vcpu/weigh.h"

/* The best of many plans looks better than it is, by about a third of the largest error among the
 * pCPUs' loads. A plan that promises less than that, and less than this in any case, would be undone
 * by the next one. */
static const double MIN_GAIN_POINTS = 1;

/* What a busy sibling costs a vCPU is not known better (threads.h). */
static const double CORE_GAIN_POINTS = 4;

/* Up to this noise widens the deadband. Beyond it moves cost more (planner/vcpu/build.c). */
static const double MOST_LIMIT_POINTS = 12;

void decision_done(struct decision *d)
{
    vcpu_tracks_done(&d->tracks);
    vcpu_build_done(&d->build);
    certify_answer_done(&d->answer);
    vcpu_plan_done(&d->plan);
}

static bool is_nothing_known(const struct vcpu_tracks *tracks)
{
    for (size_t i = 0; i < tracks->n; i++)
        if (tracks->track[i].known)
            return false;
    return tracks->n > 0;
}

/* Load of the busiest pCPU that guests may use. */
static double busiest_pct(const struct vcpu_build *build)
{
    const struct placement_problem *problem = &build->problem;
    int busiest = 0;

    for (size_t p = 0; p < problem->n_bins; p++) {
        int load = build->bin_background[p];

        for (size_t i = 0; i < problem->n_items; i++)
            load += problem->current[i] == (int)p ? problem->demand_permille[i] : 0;
        if (problem->capacity_permille)
            load = (int)(load * 1000L / problem->capacity_permille[p]);
        busiest = load > busiest ? load : busiest;
    }
    return busiest / 10.0;
}

/* The cheapest move, in points: no plan that moves anything costs less. */
static double cheapest_move_points(const struct placement_problem *problem)
{
    int cheapest = 0;

    for (size_t i = 0; i < problem->n_items * problem->n_bins; i++)
        if (problem->allowed[i] && problem->price[i] > 0 &&
            (cheapest == 0 || problem->price[i] < cheapest))
            cheapest = problem->price[i];
    return cheapest == 0 ? INFINITY : (double)cheapest / problem->kappa;
}

/* What changing nothing costs and what is known without a search. */
static int price_hold(const struct vcpu_settings *settings, struct decision *d)
{
    const struct placement_problem *problem = &d->build.problem;
    struct vcpu_plan *plan = &d->plan;
    struct placement_value hold;
    int r = placement_evaluate(problem, problem->current, &hold);

    if (r < 0)
        return r;
    d->deviation_points = (double)hold.deviation_scaled / (double)hold.scale;
    d->is_overloaded = hold.overload_permille > 0;
    d->busiest_pct = busiest_pct(&d->build);
    d->limit_points = fmax(d->build.deadband_points,
                           settings->noise_factor * fmin(d->build.noise_points, MOST_LIMIT_POINTS));
    d->gain_points = fmax(MIN_GAIN_POINTS, settings->noise_factor * d->build.error_points / 3);
    if (d->build.by_core || d->build.level == TOPOLOGY_LEVEL_CORE)
        d->gain_points = fmax(d->gain_points, CORE_GAIN_POINTS);
    d->is_away = set_memory_is_away(problem, d->gain_points);
    plan->hold_objective = d->build.must_act ? INFINITY : hold.objective;
    plan->objective = hold.objective;
    plan->bound = hold.objective;
    plan->status = SOLVE_OPTIMAL;
    plan->method = PLACEMENT_METHOD_HOLD;
    if (problem->objective == PLACEMENT_DEVIATION &&
        cheapest_move_points(problem) < hold.objective) {
        plan->status = SOLVE_FEASIBLE;
        plan->bound = cheapest_move_points(problem);
        plan->gap = (plan->objective - plan->bound) / plan->objective;
    }
    return 0;
}

/* Reasons to hold that need no solver; VERDICT_APPLY where there is none. */
static enum verdict quick_verdict(const struct vcpu_settings *settings, const struct decision *d)
{
    if (d->tracks.elapsed_s == 0 || is_nothing_known(&d->tracks))
        return VERDICT_HOLD_OBSERVING;
    if (d->build.waits)
        return VERDICT_HOLD_SETTLING;
    if (d->build.must_act)
        return VERDICT_APPLY;
    if (!d->build.repairs)
        return VERDICT_HOLD_FLOATING;
    if (d->busiest_pct < settings->idle_pct)
        return d->build.startup.n_waiting ? VERDICT_HOLD_SETTLING : VERDICT_HOLD_IDLE;
    if (d->deviation_points > d->limit_points || d->is_overloaded || d->is_away ||
        d->build.any_divides)
        return VERDICT_APPLY;
    return d->build.startup.n_waiting ? VERDICT_HOLD_SETTLING : VERDICT_HOLD_BALANCED;
}

static bool is_hold(const struct placement_problem *problem, const int *bin_of)
{
    return memcmp(problem->current, bin_of, problem->n_items * sizeof(*bin_of)) == 0;
}

static enum verdict without_placement(const struct placement_answer *answer)
{
    switch (answer->verdict) {
    case ANSWER_CONTRADICTS:
        return VERDICT_HOLD_UNSAFE;
    case ANSWER_NOT_ASKED:
        return VERDICT_HOLD_OPTIMAL;
    default:
        return answer->status == SOLVE_INFEASIBLE ? VERDICT_HOLD_INFEASIBLE : VERDICT_HOLD_STOPPED;
    }
}

static int judge_answer(const struct vcpu_planner *planner, struct decision *d)
{
    bool wait = false;
    int r;

    if (!d->answer.bin_of) {
        d->plan.verdict = without_placement(&d->answer);
        return 0;
    }
    d->plan.verdict = VERDICT_HOLD_OPTIMAL;
    if (is_hold(&d->build.problem, d->answer.bin_of) && !d->build.must_act) {
        d->plan.verdict = d->build.any_divides ? VERDICT_APPLY : VERDICT_HOLD_OPTIMAL;
        return 0;
    }
    if (!d->build.must_act && d->plan.hold_objective - d->answer.objective < d->gain_points) {
        d->plan.verdict = VERDICT_HOLD_BALANCED;
        return 0;
    }
    d->plan_found = true;
    r = confirm_must_wait(&(struct confirm){.settings = &planner->settings,
                                            .tracks = &d->tracks,
                                            .build = &d->build,
                                            .bin_of = d->answer.bin_of,
                                            .gain_points = d->gain_points,
                                            .plan_seen = planner->plan_seen},
                          &wait);
    d->plan.verdict = wait ? VERDICT_HOLD_SETTLING : VERDICT_APPLY;
    return r;
}

/* What GLPK was told and what it says do not fit together: the models are kept for the report. */
static void note_contradiction(struct decision *d)
{
    if (d->answer.verdict != ANSWER_CONTRADICTS)
        return;
    d->plan.verdict = VERDICT_HOLD_UNSAFE;
    snprintf(d->plan.note, sizeof(d->plan.note), "%s", d->answer.why);
}

static int find_plan(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                     struct decision *d, struct err *err)
{
    struct vcpu_plan *plan = &d->plan;
    int r = d->build.level == TOPOLOGY_LEVEL_PCPU
                ? consult_plan(&planner->settings, &d->build.problem, &d->answer, plan)
                : consult_sets(&planner->settings, sample, &d->tracks, &d->build, d->limit_points,
                               &d->answer, plan);

    if (r < 0)
        return err_set(err, r, "the solver failed on %zu vCPUs and %zu pCPUs: keeping all pins",
                       d->build.problem.n_items, d->build.problem.n_bins);
    r = judge_answer(planner, d);
    note_contradiction(d);
    plan->status = d->answer.status;
    plan->method = d->answer.method;
    plan->bound = d->answer.bound;
    if (plan->verdict == VERDICT_APPLY || plan->verdict == VERDICT_HOLD_OPTIMAL)
        plan->objective = d->answer.objective;
    plan->gap = plan_gap(plan->objective, plan->bound);
    return r;
}

/* Also where nothing will change, GLPK sees the model of every interval that knows a demand. */
static int confirm_hold(const struct vcpu_planner *planner, struct decision *d)
{
    int r;

    if (d->plan.verdict == VERDICT_HOLD_OBSERVING || d->plan.verdict == VERDICT_HOLD_IDLE)
        return 0;
    r = consult_hold(&planner->settings, &d->build.problem, &d->answer, &d->plan);
    if (r == 0)
        note_contradiction(d);
    return r;
}

static int find_answer(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                       struct decision *d, struct err *err)
{
    int r = price_hold(&planner->settings, d);

    if (r < 0)
        return r;
    d->plan.verdict = quick_verdict(&planner->settings, d);
    if (d->plan.verdict == VERDICT_APPLY)
        return find_plan(planner, sample, d, err);
    return d->build.waits ? 0 : confirm_hold(planner, d); /* who floats has no place yet */
}

static int write_diff(const struct vcpu_sample *sample, struct decision *d)
{
    int r = vcpu_diff(sample, &d->tracks, &d->build,
                      d->plan.verdict == VERDICT_APPLY ? &d->answer : NULL, &d->plan);

    if (r == 0)
        r = remote_of_plan(sample, &d->plan);
    if (r == 0)
        r = gate_memory_of_plan(sample, d->build.heeds_owners, &d->plan);
    return r < 0 ? r : plan_waiting(&d->tracks, &d->plan);
}

/* Guests that are too large for a set stay on the node on which they are. */
static void stay_on_nodes(const struct vcpu_sample *sample, struct vcpu_build *build)
{
    for (size_t i = 0; build->wide_of && i < sample->n_vcpus; i++) {
        int at = vcpu_sets_holding(&build->sets, &sample->vcpus[i].affinity);

        if (build->wide_of[i] >= 0 && at >= (int)build->sets.n)
            build->wide_of[i] = at;
    }
}

/* What is left of a plan that harms: the moves that have to be made whatever they cost. */
static int take_back(const struct vcpu_sample *sample, struct decision *d)
{
    const struct placement_problem *problem = &d->build.problem;
    struct vcpu_plan *plan = &d->plan;
    struct placement_value left;
    int r;

    for (size_t k = 0; k < problem->n_items; k++)
        if (problem->current[k] >= 0)
            d->answer.bin_of[k] = problem->current[k];
    stay_on_nodes(sample, &d->build);
    d->build.keeps_threads = true;
    r = placement_evaluate(problem, d->answer.bin_of, &left);
    if (r < 0)
        return r;
    plan->verdict = d->build.must_act ? VERDICT_APPLY : VERDICT_HOLD_HARMFUL;
    plan->status = SOLVE_FEASIBLE;
    plan->objective = left.objective;
    plan->gap = plan_gap(plan->objective, plan->bound);
    vcpu_plan_forget_places(plan);
    r = write_diff(sample, d);
    if (r == 0 && plan->n_pins == 0)
        plan->verdict = VERDICT_HOLD_HARMFUL;
    return r;
}

static int refuse_harm(const struct vcpu_sample *sample, struct decision *d)
{
    struct harm harm;
    int r = harm_of(sample, &d->plan, &harm);

    if (r < 0 || !harm_text(&harm, d->plan.harm, sizeof(d->plan.harm)))
        return r;
    return take_back(sample, d);
}

static int weigh(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                 struct decision *d)
{
    bool is_part;
    int r = weigh_plan(&planner->settings, &planner->floating, sample, &d->tracks, &d->build,
                       &d->answer, &d->plan, &is_part);

    return r < 0 ? r
                 : floating_next(&planner->floating, sample, &d->tracks, &d->plan, is_part,
                                 &d->floating);
}

/* Whether the plan has to be better than doing nothing. Under `auto` at level pcpu it is weighed against
 * floating instead. */
static bool must_not_harm(const struct vcpu_planner *planner, const struct decision *d)
{
    return planner->settings.refuse_harm && d->plan.n_pins > 0 &&
           d->tracks.course == FLOATING_NO_MATTER;
}

static int build(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                 enum topology_level level, struct decision *d)
{
    const struct vcpu_settings *settings = &planner->settings;

    d->tracks.course = FLOATING_NO_MATTER;
    if (level != TOPOLOGY_LEVEL_PCPU)
        return set_build_new(settings, sample, &d->tracks, level, &d->build);
    d->tracks.course = floating_course(settings, &planner->floating, sample, &d->tracks);
    return vcpu_build_new(settings, sample, &d->tracks, &d->build);
}

int decide_at(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
              enum topology_level level, struct decision *d, struct err *err)
{
    int r;

    d->plan.solver.model = certify_model_text(PLACEMENT_MODEL_NONE);
    r = build(planner, sample, level, d);
    if (r < 0)
        return r;
    d->plan.verdict = VERDICT_HOLD_INFEASIBLE; /* guests may use no pCPU at all */
    if (d->build.problem.n_bins > 0)
        r = find_answer(planner, sample, d, err);
    if (r == 0)
        r = write_diff(sample, d);
    if (r == 0 && must_not_harm(planner, d))
        r = refuse_harm(sample, d);
    if (r == 0 && level == TOPOLOGY_LEVEL_PCPU)
        r = weigh(planner, sample, d);
    return r;
}

int decide_to_hold(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                   enum topology_level level, struct decision *d, struct err *err)
{
    int r = build(planner, sample, level, d);

    d->plan.solver.model = certify_model_text(PLACEMENT_MODEL_NONE);
    if (r == 0)
        r = price_hold(&planner->settings, d);
    if (r < 0)
        return r;
    d->plan.verdict = quick_verdict(&planner->settings, d);
    if (d->plan.verdict != VERDICT_HOLD_OBSERVING)
        d->plan.verdict = VERDICT_HOLD_FLOATING;
    if (!d->build.must_act) /* who floats has no place that could be confirmed */
        r = confirm_hold(planner, d);
    return r < 0 ? err_set(err, r, "the solver failed: keeping all pins") : write_diff(sample, d);
}

int decide_nothing(const struct vcpu_sample *sample, bool releases, struct decision *d)
{
    struct vcpu_plan *plan = &d->plan;
    int r;

    d->build.releases = releases;
    plan->verdict = VERDICT_HOLD_FLOATING;
    plan->objective = plan->hold_objective;
    vcpu_plan_forget_places(plan);
    r = write_diff(sample, d);
    if (plan->n_releases > 0)
        plan->verdict = VERDICT_APPLY;
    return r;
}

void decide_anew(struct decision *d)
{
    vcpu_build_done(&d->build);
    certify_answer_done(&d->answer);
    vcpu_plan_done(&d->plan);
    d->plan_found = false;
}
