/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_CHECK_GATE_H
#define EVENKEEL_PLANNER_VCPU_CHECK_GATE_H

#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* Private to check.c: what vCPUs wait by a plan above level pcpu whose places and sets are right. Worked
 * out again from the sample's pCPUs and the plan's places; only the formula is the planner's
 * (waiting.h). */

/* Whether they wait no longer than its gate allows. 0, -ENOMEM, or -EINVAL with the sentence. */
int vcpu_check_gate(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                    struct err *err);

/* Per unit of running, where place_of [n_places] puts them, with what is reserved for each. 0 or -ENOMEM. */
int vcpu_check_gate_waiting(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                            const int *place_of, double *ret);

#endif
