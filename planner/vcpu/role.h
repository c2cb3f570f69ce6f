/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_ROLE_H
#define EVENKEEL_PLANNER_VCPU_ROLE_H

#include <stdbool.h>

#include "planner/base/sample.h"
#include "planner/vcpu/settings.h"
#include "planner/vcpu/track.h"

/* What may be done with a vCPU in this interval. One for which capacity is reserved counts as busy. */
enum vcpu_role {
    VCPU_ABSENT, /* not running: no demand, its pin is left alone */
    VCPU_BARRED, /* it may be planned nowhere, or has to move and refuses: left as it is */
    VCPU_LEFT,   /* floats and is idle, has no history, or refuses its pin */
    VCPU_WAITS,  /* floats and is busy, but has not settled yet */
    VCPU_PLACED, /* floats and busy: gets its pin now */
    VCPU_STAYS,  /* pinned and (nearly) idle, without history, or refuses to be pinned elsewhere:
                    its load counts, its pin stays */
    VCPU_MOVES,  /* pinned and busy: may move for its price */
    VCPU_MUST,   /* pinned where it may not be: to an offline pCPU, one that its definition forbids,
                    or one that is kept for others */
};

/* Below this demand a pin is not worth a call: moving it changes nothing that could be measured. */
static const double VCPU_NEARLY_IDLE = 0.02;

/* One role per vCPU of the sample. Floating vCPUs are placed together, when the last busy one has
 * settled or one has been ready for settle_s: placed one by one they would be placed wrongly. */
void vcpu_role_assign(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                      const struct vcpu_tracks *tracks, enum vcpu_role *ret);

/* Nearly idle vCPUs may move, too, where all that are on their pCPU have wanted more than it has for
 * long: beside a hog they wait for ever otherwise. For long, because what comes in bursts is full
 * somewhere else soon. 0 or -ENOMEM. */
int vcpu_role_sweep(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                    enum vcpu_role *roles);

/* Whether there is a pCPU onto which vCPU number i of the sample may be planned. */
bool vcpu_role_can_run(const struct vcpu_tracks *tracks, size_t i);

/* Roles that take part in the problem. */
bool vcpu_role_is_in_problem(enum vcpu_role role);

/* Whether a pinned vCPU is where it may not be: it has to leave, whatever that costs. */
bool vcpu_role_is_misplaced(const struct vcpu_sample *sample, const struct vcpu_reading *reading);

#endif
