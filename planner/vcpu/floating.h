/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_FLOATING_H
#define EVENKEEL_PLANNER_VCPU_FLOATING_H

#include <stdbool.h>

#include "planner/base/backoff.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"
#include "planner/vcpu/role.h"
#include "planner/vcpu/settings.h"
#include "planner/vcpu/track.h"

/* Under `--level auto` pins have to be worth it. While vCPUs float the kernel gives each the next pCPU
 * that is free. A pin takes that away, so it can only win what this kernel loses against one that is
 * ideal: what floating vCPUs are seen to wait beyond what waiting.h expects.
 *
 * How much pins let vCPUs wait, waiting.h knows for vCPUs that work and sleep by turns independently.
 * Those that share a pCPU more smoothly wait less. That shows only once some are pinned, so a few
 * pCPUs' worth of them are pinned first, no more than may cost `waiting_pct` by the formula, and the
 * part of the expected waiting that is seen there then counts for all.
 *
 * Pins are accepted only while part * expected - floating <= waiting_pct, floating being what the
 * formula expects or what was measured, whichever is more. */
struct vcpu_floating {
    double ran_s, waited_s; /* of floating vCPUs, while we had pinned none; over the last minute */
    double floated_s;       /* for how long in a row that has been so */
    double expected_s, seen_s; /* what pinned vCPUs were expected to wait, and waited; likewise */
    double now,
        floating; /* expected of the last placement, and if all floated; per unit of running */
    bool is_first_look; /* a few are pinned to see how long they wait ... */
    double looked_s;    /* ... since so long */
    bool is_on_trial;   /* all have been pinned since, and may not wait longer than floating ... */
    double tried_s;     /* ... for so long */
    double roomy_s;     /* for how long there have been no more busy vCPUs than pCPUs */
    bool lost;          /* pins have been found to wait too long */
    struct backoff pause; /* before they are tried again */
};

/* What is done about floating in this interval; FLOATING_NO_MATTER under `pcpu`. */
enum floating_course floating_course(const struct vcpu_settings *settings,
                                     const struct vcpu_floating *before,
                                     const struct vcpu_sample *sample,
                                     const struct vcpu_tracks *tracks);

/* Takes from the roles what the course forbids. Whether pinned vCPUs may move nevertheless, because
 * several busy ones are pinned to one pCPU beside an idle one. */
bool floating_take_roles(enum floating_course course, const struct vcpu_sample *sample,
                         const struct vcpu_tracks *tracks, enum vcpu_role *roles);

/* Fills in plan->level. */
void floating_level(const struct vcpu_settings *settings, const struct vcpu_floating *before,
                    enum floating_course course, const struct vcpu_sample *sample,
                    const struct vcpu_tracks *tracks, struct vcpu_plan *plan);
/* Whether the plan, complete with its waiting, is worth its pins. */
bool floating_is_worth(const struct vcpu_sample *sample, const struct vcpu_plan *plan);
/* Whether a part of it may be tried to see how long pinned vCPUs wait. */
bool floating_may_look(const struct vcpu_plan *plan);

/* What is remembered after the plan. is_part: it pins a few to look. 0 or -ENOMEM. */
int floating_next(const struct vcpu_floating *before, const struct vcpu_sample *sample,
                  const struct vcpu_tracks *tracks, const struct vcpu_plan *plan, bool is_part,
                  struct vcpu_floating *ret);

#endif
