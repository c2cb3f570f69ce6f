/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/explain.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "models/placement/evaluate.h"
#include "planner/vcpu/explain_sets.h"
#include "planner/vcpu/note.h"
#include "planner/vcpu/set_memory.h"

/* Unavoidable imbalance below this is not worth a sentence. */
static const double WORTH_SAYING_PCT = 1.5;
/* What trials tell of equal pCPUs stays below, by chance. */
static const double SLOWER_WORTH_SAYING = 1.1;

/* Room for a list of pCPUs. */
enum { MAX_LIST = 3000 };

static int whole_pct(int permille)
{
    return (permille + 5) / 10;
}

/* Whether a vCPU is left alone because no pCPU is left for it, and in no other case. */
static bool is_homeless(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                        const struct vcpu_build *build, size_t i)
{
    return build->roles[i] == VCPU_BARRED && !sample->vcpus[i].has_strange_limits &&
           !vcpu_role_can_run(tracks, i);
}

/* Why a vCPU may be planned nowhere. A definition may name pCPUs that nobody tells of any more. */
static const char *why_homeless(const struct vcpu_sample *sample, const struct cpuset *allowed)
{
    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (cpuset_has(allowed, sample->pcpus[p].id))
            return "which guests may not use";
    return "none of them online";
}

static void say_barred(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                       const struct vcpu_build *build, struct vcpu_plan *plan)
{
    size_t n = 0;
    size_t first = 0;
    char mask[40], more[40] = "";

    for (size_t i = sample->n_vcpus; i-- > 0;)
        if (is_homeless(sample, tracks, build, i)) {
            n++;
            first = i;
        }
    if (n == 0)
        return;
    cpuset_format(&sample->vcpus[first].allowed, mask, sizeof(mask));
    if (n > 1)
        snprintf(more, sizeof(more), " (and %zu more)", n - 1);
    if (mask[0])
        note_say(plan, "%s%s may run on pCPUs %s only, %s: left as it is",
                 note_label(&sample->vcpus[first]).text, more, mask,
                 why_homeless(sample, &sample->vcpus[first].allowed));
    else
        note_say(plan, "%s%s may run on no pCPU that is online: left as it is",
                 note_label(&sample->vcpus[first]).text, more);
}

static void say_strange(const struct vcpu_sample *sample, struct vcpu_plan *plan)
{
    size_t n = 0, first = 0;

    for (size_t i = sample->n_vcpus; i-- > 0;)
        if (sample->vcpus[i].has_strange_limits) {
            n++;
            first = i;
        }
    if (n == 1)
        note_say(plan, "%s is left alone: its limits are not known, or it is paused",
                 note_label(&sample->vcpus[first]).text);
    else if (n > 1)
        note_say(plan,
                 "%zu vCPUs (%s) are left alone: their limits are not known, or they are paused", n,
                 note_label(&sample->vcpus[first]).text);
}

static void say_yielded(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                        struct vcpu_plan *plan)
{
    size_t n = 0, first = 0;

    for (size_t i = sample->n_vcpus; i-- > 0;)
        if (vcpu_track_is_yielded(tracks, i)) {
            n++;
            first = i;
        }
    if (vcpu_tracks_are_yielded(tracks))
        note_say(plan,
                 "somebody else pins guests again and again: all is left as it is for a while");
    else if (n)
        note_say(plan, "somebody else pins %s%s again and again: left as that is for a while",
                 note_label(&sample->vcpus[first]).text, n > 1 ? " and others" : "");
}

static void say_resting(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                        struct vcpu_plan *plan)
{
    size_t n = 0, first = 0;

    for (size_t i = sample->n_vcpus; i-- > 0;)
        if (vcpu_track_is_resting(tracks, i) && !vcpu_track_is_yielded(tracks, i)) {
            n++;
            first = i;
        }
    if (n)
        note_say(plan,
                 "%s%s stays for a while: it has followed what somebody else pins long enough",
                 note_label(&sample->vcpus[first]).text, n > 1 ? " with others" : "");
}

/* The pCPUs that are left out, by reason. */
static void say_excluded(const struct vcpu_sample *sample, struct vcpu_plan *plan)
{
    static const enum pcpu_use uses[] = {PCPU_ISOLATED, PCPU_TICKLESS, PCPU_OUTSIDE_SLICE,
                                         PCPU_RESERVED};

    for (size_t u = 0; u < sizeof(uses) / sizeof(uses[0]); u++) {
        struct cpuset set = {{0}};
        char list[MAX_LIST];

        for (size_t p = 0; p < sample->n_pcpus; p++)
            if (sample->pcpus[p].use == uses[u])
                cpuset_add(&set, sample->pcpus[p].id);
        cpuset_format(&set, list, sizeof(list));
        if (list[0])
            note_say(plan, "pCPU %s %s", list, pcpu_use_text(uses[u]));
    }
}

static bool shares_core(const struct vcpu_build *build, const struct vcpu_sample *sample, size_t p)
{
    bool does = build->by_core && build->next_pcpu[p] != SIZE_MAX;

    for (size_t q = 0; build->by_core && !does && q < sample->n_pcpus; q++)
        does = build->next_pcpu[q] == p;
    return does;
}

/* Why pCPUs with the same work do not look alike. Of equal ones that share cores those look slow whose siblings
 * were busy when they were tried. */
static void say_slow(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                     const struct vcpu_build *build, struct vcpu_plan *plan)
{
    const struct speed_yardstick yardstick = speed_yardstick(tracks->speed, sample);
    struct cpuset sets[2] = {{{0}}, {{0}}};
    double most[2] = {1, 1};
    char list[MAX_LIST];

    for (size_t p = 0; plan->grain == TOPOLOGY_LEVEL_PCPU && p < sample->n_pcpus; p++) {
        double cost = speed_cost_to_tell(&yardstick, tracks->speed, sample, p);
        bool shares = cost >= SLOWER_WORTH_SAYING && shares_core(build, sample, p);

        if (cost < SLOWER_WORTH_SAYING)
            continue;
        cpuset_add(&sets[shares], sample->pcpus[p].id);
        most[shares] = fmax(most[shares], cost);
    }
    for (int shares = 0; shares <= 1; shares++) {
        cpuset_format(&sets[shares], list, sizeof(list));
        if (list[0])
            note_say(plan, "pCPU %s may take %.0f %% longer for the same work%s", list,
                     100 * (most[shares] - 1),
                     shares ? " while other threads of their cores are busy" : "");
    }
}

/* Why a perfect balance does not exist, whatever is moved where. */
static void say_unattainable(const struct vcpu_sample *sample, const struct vcpu_build *build,
                             struct vcpu_plan *plan)
{
    struct placement_problem now = build->problem;
    size_t n_busy = 0;
    size_t heaviest = 0;

    if (plan->sigma_bound_pct < WORTH_SAYING_PCT)
        return;
    now.demand_permille = build->now_permille;
    now.background_permille = build->bin_background;
    for (size_t k = 0; k < now.n_items; k++) {
        n_busy += now.demand_permille[k] >= (int)(1000 * VCPU_IDLE);
        if (now.demand_permille[k] > now.demand_permille[heaviest])
            heaviest = k;
    }
    if (n_busy < now.n_bins)
        note_say(plan, "%zu busy vCPUs on %zu pCPUs: no pins bring sigma under %.1f", n_busy,
                 now.n_bins, plan->sigma_bound_pct);
    else if (now.n_items)
        note_say(plan, "%s (%d %%) is above the level of %d %%: no pins bring sigma under %.1f",
                 note_label(&sample->vcpus[build->index[heaviest]]).text,
                 whole_pct(build->demand_permille[build->index[heaviest]]),
                 whole_pct(placement_water_level_permille(&now)), plan->sigma_bound_pct);
}

static void say_settling(const struct vcpu_build *build, struct vcpu_plan *plan)
{
    const struct vcpu_startup *startup = &build->startup;

    if (build->waits)
        note_say(plan,
                 "guests are watched for some seconds before they are placed: what they want "
                 "varies by up to %.1f points of a set so far",
                 build->error_points);
    else if (startup->waking || startup->n_waiting)
        note_say(plan, "%zu vCPU%s just begun to work: up to %.0f s for demand to settle",
                 startup->n, startup->n == 1 ? " has" : "s have", fmax(1, ceil(startup->left_s)));
    else
        note_say(plan, "a plan is ready and waits for the next sample to confirm it");
}

/* In percent of the time that vCPUs run. */
static double pinned_pct(const struct vcpu_plan *plan)
{
    return 100 * plan->level.part * plan->waiting.after;
}

static double floating_pct(const struct vcpu_plan *plan)
{
    return 100 * fmax(plan->waiting.floating, plan->level.floated);
}

/* Under --level auto: what is done about floating, and why. */
static void say_level(struct vcpu_plan *plan)
{
    switch (plan->level.course) {
    case FLOATING_NO_MATTER:
        break;
    case FLOATING_LEFT:
        if (!plan->level.is_crowded)
            note_say(plan, "every busy vCPU can have a pCPU of its own: no pins");
        else
            note_say(plan,
                     "floating vCPUs wait %.1f %% of running, and pins have not been found to be "
                     "better: no pins",
                     floating_pct(plan));
        break;
    case FLOATING_LOOKED_AT:
        note_say(plan, "some vCPUs are pinned to see how long they wait; the others float");
        break;
    case FLOATING_RELEASED:
        note_say(plan, "pins are not better than floating any more: %zu of ours are taken back",
                 plan->n_releases);
        break;
    case FLOATING_PINNED:
        if (plan->verdict == VERDICT_HOLD_FLOATING)
            note_say(plan,
                     "pins would let vCPUs wait too long beside %.1f %% of running that they wait "
                     "while they float: no pins",
                     floating_pct(plan));
        else if (plan->n_pins > 0)
            note_say(plan,
                     "pinned, because vCPUs are expected to wait %.1f %% of running then, and "
                     "%.1f %% floating",
                     pinned_pct(plan), floating_pct(plan));
        break;
    }
}

static void say_balanced(const struct vcpu_build *build, struct vcpu_plan *plan,
                         double limit_points)
{
    const char *what =
        set_memory_is_away(&build->problem, 0) ? "a deviation with far memory" : "a deviation";

    if (plan->objective > limit_points)
        note_say(plan, "no plan saves more than noise may promise: at most %.1f of %.1f points",
                 plan->objective - plan->bound, plan->objective);
    else if (plan->status == SOLVE_OPTIMAL)
        note_say(plan, "nothing to do: %s of %.1f points is less than any move costs", what,
                 plan->objective);
    else
        note_say(plan, "%s of %.1f points is inside the deadband of %.1f", what, plan->objective,
                 limit_points);
}

void vcpu_explain_note(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                       const struct vcpu_build *build, double limit_points, struct vcpu_plan *plan)
{
    switch (plan->verdict) {
    case VERDICT_HOLD_OBSERVING:
        note_say(plan, "first look: usage is known from the next sample on");
        break;
    case VERDICT_HOLD_IDLE:
        note_say(plan, sample->n_vcpus ? "no load worth balancing" : "no guest runs");
        break;
    case VERDICT_HOLD_BALANCED:
        say_balanced(build, plan, limit_points);
        break;
    case VERDICT_HOLD_SETTLING:
        say_settling(build, plan);
        break;
    case VERDICT_HOLD_OPTIMAL:
        if (plan->status == SOLVE_OPTIMAL)
            note_say(plan, "nothing to do: %.1f points are the best for the price of moves, proven",
                     plan->objective);
        else
            note_say(plan, "no cheaper plan found, at most %.1f %% could be gained",
                     100 * plan->gap);
        break;
    case VERDICT_HOLD_STOPPED:
        note_say(plan, "stopped before a plan was ready");
        break;
    case VERDICT_HOLD_HARMFUL:
        note_say(plan, "a plan would do harm: %s", plan->harm);
        break;
    case VERDICT_APPLY:
        if (plan->harm[0])
            note_say(plan, "only vCPUs that have to move do: with the others' moves %s",
                     plan->harm);
        say_level(plan);
        break;
    case VERDICT_HOLD_FLOATING:
        say_level(plan);
        break;
    case VERDICT_HOLD_INFEASIBLE:
    case VERDICT_HOLD_UNSAFE:
        break;
    }
    explain_sets(sample, build, plan);
    explain_helpers(sample, tracks, plan);
    if (build->problem.n_bins == 0)
        note_say(plan, "guests may use none of the %zu online pCPUs", sample->n_pcpus);
    say_barred(sample, tracks, build, plan);
    say_strange(sample, plan);
    say_yielded(sample, tracks, plan);
    say_resting(sample, tracks, plan);
    if (plan->verdict != VERDICT_HOLD_OBSERVING && plan->verdict != VERDICT_HOLD_IDLE &&
        plan->grain == TOPOLOGY_LEVEL_PCPU)
        say_unattainable(sample, build, plan);
    say_slow(sample, tracks, build, plan);
    say_excluded(sample, plan);
}
