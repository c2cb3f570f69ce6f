/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_PLAN_RAN_H
#define EVENKEEL_PLANNER_VCPU_PLAN_RAN_H

#include "planner/base/plan.h"
#include "planner/vcpu/track.h"

/* Fills in what each pCPU ran in the last interval, and plan->ran. A busy time tells it exactly,
 * wherever vCPUs float. Where there is none it is what vCPUs ran that are pinned there, what else is
 * said to run there, and of each floating vCPU an equal share on each pCPU of its mask.
 *
 * After the plan a pCPU runs what its vCPUs and its background want, at most all the time, and what
 * goes on floating fills the room that is left. */
void plan_ran(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
              struct vcpu_plan *plan);

#endif
