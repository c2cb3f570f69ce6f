/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/floating.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "planner/vcpu/threads.h"
#include "planner/vcpu/waiting.h"

/* What is measured is a mean over about a minute. */
static const double MINUTE_S = 60;
/* Floating is watched for so long before pins are tried. */
static const double WATCH_S = 20;
/* What was learnt is forgotten as slowly as this while it cannot be seen. */
static const double FORGET_S = 600;
/* pCPU-seconds of expected waiting: as many tell what part of it is seen. */
static const double ENOUGH_S = 2;
/* A look that tells nothing for so long is given up; and so are pins where for so long every busy vCPU
 * could have had a pCPU of its own. */
static const double PATIENCE_S = 60;
/* What first pins have to save, per unit of running, and of what floating vCPUs wait: less is noise of
 * what is measured. Loads that change within seconds wait twice as long in one minute as in the next. */
static const double GAIN = 0.01, GAIN_SHARE = 0.25;
/* From a minute after the first pins until then they may not let vCPUs wait longer than floating. */
static const double TRIAL_S = 180;
/* After pins lost they are tried again after this, then after twice as long, and so on. */
static const double PAUSE_S = 600;
/* A pCPU that runs less is idle. */
static const double IDLE = 0.2;

static bool is_busy(const struct vcpu_reading *reading, const struct vcpu_track *track)
{
    return reading->running && track->known && track->demand >= VCPU_IDLE;
}

static bool is_ours(const struct vcpu_reading *reading)
{
    return reading->is_ours && reading->pcpu >= 0 && reading->running;
}

static bool has_ours(const struct vcpu_sample *sample)
{
    for (size_t i = 0; i < sample->n_vcpus; i++)
        if (is_ours(&sample->vcpus[i]))
            return true;
    return false;
}

/* Whether vCPUs have to wait for each other wherever they are. */
static bool is_crowded(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks)
{
    size_t n_busy = 0, n_usable = 0;

    for (size_t i = 0; i < sample->n_vcpus; i++)
        n_busy += is_busy(&sample->vcpus[i], &tracks->track[i]);
    for (size_t p = 0; p < sample->n_pcpus; p++)
        n_usable += sample->pcpus[p].use == PCPU_USABLE;
    return n_busy > n_usable;
}

static bool knows_part(const struct vcpu_floating *floating)
{
    return floating->expected_s >= ENOUGH_S;
}

static double measured(const struct vcpu_floating *floating)
{
    return floating->ran_s > 0 ? floating->waited_s / floating->ran_s : 0;
}

static double gain_beside(double waiting)
{
    return fmax(GAIN, GAIN_SHARE * waiting);
}

static double part_of(const struct vcpu_floating *floating)
{
    return knows_part(floating) ? fmin(1, floating->seen_s / floating->expected_s) : 1;
}

static enum floating_course course_of_pinned(const struct vcpu_settings *settings,
                                             const struct vcpu_floating *before)
{
    double beside = fmax(before->floating, measured(before));
    bool is_judged = before->is_on_trial && before->tried_s >= MINUTE_S;
    double most = is_judged ? 0 : settings->waiting_pct / 100;

    if (before->lost || before->roomy_s >= PATIENCE_S)
        return FLOATING_RELEASED;
    if (before->is_first_look && !knows_part(before))
        return before->looked_s < PATIENCE_S ? FLOATING_LOOKED_AT : FLOATING_RELEASED;
    if (!before->is_first_look && knows_part(before) &&
        part_of(before) * before->now - beside > most)
        return FLOATING_RELEASED;
    return FLOATING_PINNED;
}

enum floating_course floating_course(const struct vcpu_settings *settings,
                                     const struct vcpu_floating *before,
                                     const struct vcpu_sample *sample,
                                     const struct vcpu_tracks *tracks)
{
    if (settings->level != PIN_AUTO)
        return FLOATING_NO_MATTER;
    if (!settings->gate_waiting)
        return FLOATING_PINNED;
    if (has_ours(sample))
        return course_of_pinned(settings, before);
    if (!is_crowded(sample, tracks) || before->floated_s < WATCH_S ||
        backoff_is_waiting(&before->pause, sample->at_ns) ||
        measured(before) - before->floating < gain_beside(measured(before)))
        return FLOATING_LEFT;
    return FLOATING_PINNED;
}

/* How many busy vCPUs are pinned to a pCPU, and the share of the time that anything ran there. */
static size_t count_busy(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                         const enum vcpu_role *roles, size_t p, double *ret_ran)
{
    bool is_known = tracks->background[p].known;
    size_t n_busy = 0;

    *ret_ran = is_known ? tracks->background[p].busy : 0;
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        if (sample->vcpus[i].at != (int)p)
            continue;
        n_busy += roles[i] == VCPU_MOVES && is_busy(&sample->vcpus[i], &tracks->track[i]);
        *ret_ran += is_known ? 0 : tracks->track[i].ran;
    }
    return n_busy;
}

/* Busy vCPUs that are pinned to one pCPU while another one is idle, or to threads of one core while
 * another core is. */
static bool is_harmful(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                       const enum vcpu_role *roles)
{
    bool is_any_idle = false, is_any_full = false, is_core_idle = false, is_core_full = false;

    for (size_t p = 0; p < sample->n_pcpus; p++) {
        double ran, core_ran;
        size_t n_busy = count_busy(sample, tracks, roles, p, &ran), n_core = n_busy;

        is_any_full = is_any_full || n_busy >= 2;
        if (sample->pcpus[p].use != PCPU_USABLE)
            continue;
        is_any_idle = is_any_idle || ran < IDLE;
        core_ran = ran;
        for (size_t q = threads_of_core(sample, p, 0); q < sample->n_pcpus;
             q = threads_of_core(sample, p, q + 1)) {
            double beside = 0;

            n_core += q == p ? 0 : count_busy(sample, tracks, roles, q, &beside);
            core_ran = fmax(core_ran, beside);
        }
        is_core_full = is_core_full || n_core >= 2;
        is_core_idle = is_core_idle || core_ran < IDLE;
    }
    return (is_any_full && is_any_idle) || (is_core_full && is_core_idle);
}

bool floating_take_roles(enum floating_course course, const struct vcpu_sample *sample,
                         const struct vcpu_tracks *tracks, enum vcpu_role *roles)
{
    bool repairs = course != FLOATING_RELEASED && is_harmful(sample, tracks, roles);

    if (course == FLOATING_NO_MATTER || course == FLOATING_PINNED)
        return true;
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        if (roles[i] == VCPU_PLACED || roles[i] == VCPU_WAITS)
            roles[i] = VCPU_LEFT;
        else if (roles[i] == VCPU_MOVES && !repairs)
            roles[i] = VCPU_STAYS;
    }
    return repairs;
}

void floating_level(const struct vcpu_settings *settings, const struct vcpu_floating *before,
                    enum floating_course course, const struct vcpu_sample *sample,
                    const struct vcpu_tracks *tracks, struct vcpu_plan *plan)
{
    plan->level = (struct plan_level){
        .course = course,
        .is_crowded = is_crowded(sample, tracks),
        .most = settings->gate_waiting ? settings->waiting_pct / 100 : INFINITY,
        .knows_part = knows_part(before),
        .part = part_of(before),
        .floated = measured(before),
    };
}

static size_t count_first_pins(const struct vcpu_plan *plan)
{
    size_t n = 0;

    for (size_t i = 0; i < plan->n_pins; i++)
        n += plan->pins[i].from_place < 0;
    return n;
}

/* Whether somebody moves who cannot stay. */
static bool has_to_act(const struct vcpu_sample *sample, const struct vcpu_plan *plan)
{
    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];
        bool may_stay = reading->pcpu < 0 || !vcpu_role_is_misplaced(sample, reading);

        if (!may_stay && plan->places[i].to_place != plan->places[i].from_place)
            return true;
    }
    return false;
}

static double against(const struct vcpu_plan *plan)
{
    return fmax(plan->waiting.floating, plan->level.floated);
}

bool floating_is_worth(const struct vcpu_sample *sample, const struct vcpu_plan *plan)
{
    const struct plan_level *level = &plan->level;
    double expected = level->part * plan->waiting.after;
    bool is_first = !has_ours(sample);

    if (isinf(level->most) || plan->n_pins == 0)
        return true;
    if (count_first_pins(plan) == 0 &&
        (plan->waiting.after <= plan->waiting.now || has_to_act(sample, plan)))
        return true;
    return expected - against(plan) <=
           (is_first ? fmin(level->most, -gain_beside(against(plan))) : level->most);
}

bool floating_may_look(const struct vcpu_plan *plan)
{
    return count_first_pins(plan) >= 2 && !plan->level.knows_part &&
           plan->waiting.after - against(plan) <= plan->level.most;
}

/* What the vCPUs of one pCPU are expected to wait, in pCPUs' worth. */
static int expect(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                  const struct vcpu_plan *plan, size_t p, double *demand, double *ret)
{
    const struct waiting_pool one = {.pcpus = 1};
    double background = plan->pcpus[p].background_permille / 1000.0, sum = 0;
    struct waiting waiting = {0};
    size_t n = 0;
    int r;

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        if (sample->vcpus[i].at != (int)p || !tracks->track[i].known)
            continue;
        demand[n++] = tracks->track[i].observed;
        sum += tracks->track[i].observed;
    }
    if (n < 2)
        return 0;
    demand[n++] = background;
    r = waiting_add(&waiting, &one, demand, n);
    if (sum > 0 && !isnan(waiting.waiting))
        *ret += waiting.waiting * sum / (sum + background);
    return r;
}

static int see_pinned(const struct vcpu_floating *before, const struct vcpu_sample *sample,
                      const struct vcpu_tracks *tracks, const struct vcpu_plan *plan,
                      struct vcpu_floating *ret)
{
    double *demand = calloc(sample->n_vcpus + 2, sizeof(*demand)), expected = 0, seen = 0, keep;
    int r = demand ? 0 : -ENOMEM;

    for (size_t p = 0; p < sample->n_pcpus && r == 0; p++)
        r = expect(sample, tracks, plan, p, demand, &expected);
    for (size_t i = 0; i < sample->n_vcpus; i++)
        seen += sample->vcpus[i].at >= 0 ? tracks->track[i].waited : 0;
    keep = exp(-tracks->elapsed_s / (expected > 0 ? MINUTE_S : FORGET_S));
    ret->expected_s = keep * before->expected_s + expected * tracks->elapsed_s;
    ret->seen_s = keep * before->seen_s + (expected > 0 ? seen : 0) * tracks->elapsed_s;
    free(demand);
    return r;
}

static void see_floating(const struct vcpu_floating *before, const struct vcpu_sample *sample,
                         const struct vcpu_tracks *tracks, struct vcpu_floating *ret)
{
    double ran = 0, waited = 0, keep = exp(-tracks->elapsed_s / MINUTE_S);

    if (has_ours(sample)) {
        ret->floated_s = 0;
        ret->waited_s = before->waited_s * exp(-tracks->elapsed_s / FORGET_S);
        return;
    }
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        ran += sample->vcpus[i].pcpu < 0 ? tracks->track[i].ran : 0;
        waited += sample->vcpus[i].pcpu < 0 ? tracks->track[i].waited : 0;
    }
    if (before->floated_s == 0)
        keep = 0;
    ret->floated_s = before->floated_s + tracks->elapsed_s;
    ret->ran_s = keep * before->ran_s + ran * tracks->elapsed_s;
    ret->waited_s = keep * before->waited_s + waited * tracks->elapsed_s;
}

/* What came of the course. */
static void note_course(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                        const struct vcpu_plan *plan, bool is_part, struct vcpu_floating *ret)
{
    bool refused = plan->level.course == FLOATING_PINNED && plan->verdict == VERDICT_HOLD_FLOATING;
    bool released = plan->n_releases > 0, ours = has_ours(sample);

    ret->looked_s += tracks->elapsed_s;
    ret->tried_s += tracks->elapsed_s;
    ret->is_on_trial = ret->is_on_trial && ret->tried_s < TRIAL_S;
    if (plan->n_pins > 0 && plan->level.course == FLOATING_PINNED) {
        bool is_all = !is_part && (ret->is_first_look || !ours);

        ret->is_on_trial = ret->is_on_trial || is_all;
        ret->tried_s = is_all ? 0 : ret->tried_s;
        ret->is_first_look = is_part;
        ret->looked_s = is_part ? 0 : ret->looked_s;
    }
    if ((refused && !ours) || released)
        backoff_fail(&ret->pause, tracks->at_ns, PAUSE_S);
    ret->lost = refused && ours && ret->is_first_look;
    if (released)
        ret->is_first_look = false;
}

int floating_next(const struct vcpu_floating *before, const struct vcpu_sample *sample,
                  const struct vcpu_tracks *tracks, const struct vcpu_plan *plan, bool is_part,
                  struct vcpu_floating *ret)
{
    int r;

    *ret = *before;
    if (plan->level.course == FLOATING_NO_MATTER || tracks->elapsed_s == 0)
        return 0;
    r = see_pinned(before, sample, tracks, plan, ret);
    see_floating(before, sample, tracks, ret);
    ret->now = isnan(plan->waiting.after) ? 0 : plan->waiting.after;
    ret->floating = isnan(plan->waiting.floating) ? 0 : plan->waiting.floating;
    ret->roomy_s = plan->level.is_crowded ? 0 : before->roomy_s + tracks->elapsed_s;
    note_course(sample, tracks, plan, is_part, ret);
    return r;
}
