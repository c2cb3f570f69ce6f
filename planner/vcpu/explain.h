/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_EXPLAIN_H
#define EVENKEEL_PLANNER_VCPU_EXPLAIN_H

#include "planner/base/plan.h"
#include "planner/base/sample.h"
#include "planner/vcpu/build.h"

/* Words for decisions, in an operator's terms. */

/* Fills pin->reason for vCPU number i of the sample. plan's places and loads must be there. */
void vcpu_explain_pin(const struct vcpu_sample *sample, const struct vcpu_plan *plan, size_t i,
                      struct vcpu_pin *pin);

/* Fills plan->note from the verdict and from what no plan can change. plan is complete otherwise.
 * limit_points is the deadband that held, noise included. */
void vcpu_explain_note(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                       const struct vcpu_build *build, double limit_points, struct vcpu_plan *plan);

#endif
