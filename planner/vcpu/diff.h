/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_DIFF_H
#define EVENKEEL_PLANNER_VCPU_DIFF_H

#include "models/certify/certify.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"
#include "planner/vcpu/build.h"

/* From GLPK's answer to a plan: fills places, pcpus, pins and the sigmas. NULL: everything stays.
 * plan's arrays must be empty. 0 or -ENOMEM; what was allocated by then belongs to plan. */
int vcpu_diff(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
              const struct vcpu_build *build, const struct placement_answer *answer,
              struct vcpu_plan *plan);

#endif
