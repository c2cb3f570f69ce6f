/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/weigh.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "planner/vcpu/diff.h"
#include "planner/vcpu/plan_waiting.h"

/* How finely the part is chosen. */
enum { STEPS = 20 };

static int rewrite(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                   const struct vcpu_build *build, const struct placement_answer *answer,
                   struct vcpu_plan *plan)
{
    int r;

    vcpu_plan_forget_places(plan);
    r = vcpu_diff(sample, tracks, build, answer, plan);
    return r < 0 ? r : plan_waiting(tracks, plan);
}

/* The plan with first pins on the first so many bins only. */
static int pin_part(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                    const struct vcpu_build *build, const int *bin_of, size_t n_bins,
                    struct placement_answer *answer, struct vcpu_plan *plan)
{
    for (size_t k = 0; k < build->problem.n_items; k++) {
        bool is_first = build->roles[build->index[k]] == VCPU_PLACED;
        bool is_left = is_first && bin_of[k] >= (int)n_bins;

        answer->bin_of[k] = is_left ? -1 : bin_of[k];
    }
    return rewrite(sample, tracks, build, answer, plan);
}

/* Fewer and fewer, until they may cost no more than pins may. */
static int look(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                const struct vcpu_build *build, struct placement_answer *answer,
                struct vcpu_plan *plan, bool *ret_is_part)
{
    size_t n = build->problem.n_items, n_bins = build->problem.n_bins, step = 1 + n_bins / STEPS;
    int *bin_of = calloc(n + 1, sizeof(*bin_of)), r = bin_of ? 0 : -ENOMEM;

    if (bin_of)
        memcpy(bin_of, answer->bin_of, n * sizeof(*bin_of));
    while (r == 0 && !*ret_is_part && n_bins > step) {
        n_bins -= step;
        r = pin_part(sample, tracks, build, bin_of, n_bins, answer, plan);
        *ret_is_part = r == 0 && floating_may_look(plan);
    }
    free(bin_of);
    return r;
}

/* No first pins. What is left is moved if that is worth it by itself. */
static int leave_floating(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                          const struct vcpu_build *build, struct placement_answer *answer,
                          struct vcpu_plan *plan)
{
    int r = pin_part(sample, tracks, build, answer->bin_of, 0, answer, plan);

    if (r < 0 || (plan->n_pins > 0 && floating_is_worth(sample, plan)))
        return r;
    plan->verdict = VERDICT_HOLD_FLOATING;
    return rewrite(sample, tracks, build, NULL, plan);
}

int weigh_plan(const struct vcpu_settings *settings, const struct vcpu_floating *floating,
               const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
               struct vcpu_build *build, struct placement_answer *answer, struct vcpu_plan *plan,
               bool *ret_is_part)
{
    int r = 0;

    *ret_is_part = false;
    floating_level(settings, floating, tracks->course, sample, tracks, plan);
    if (tracks->course == FLOATING_RELEASED) {
        build->releases = true;
        plan->verdict = VERDICT_APPLY;
        return rewrite(sample, tracks, build, NULL, plan);
    }
    if (tracks->course == FLOATING_NO_MATTER || plan->verdict != VERDICT_APPLY ||
        floating_is_worth(sample, plan))
        return 0;
    if (floating->floated_s > 0)
        r = look(sample, tracks, build, answer, plan, ret_is_part);
    return r < 0 || *ret_is_part ? r : leave_floating(sample, tracks, build, answer, plan);
}
