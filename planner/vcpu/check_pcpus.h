/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_CHECK_PCPUS_H
#define EVENKEEL_PLANNER_VCPU_CHECK_PCPUS_H

#include <stdbool.h>

#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* Private to check.c and check_level.c: what pCPUs carry and vCPUs wait by a plan at level pcpu. Worked
 * out again from the sample's pCPUs and the plan's demands and costs; only the formula of waiting is the
 * planner's (waiting.h). place_of [n_places] has pCPUs' numbers, -1: floats. */

/* Permille of each pCPU [n_pcpus], with what is reserved for each vCPU. */
void vcpu_check_pcpus_loads(const struct vcpu_plan *plan, const int *place_of, double *load);
/* Per unit of running; is_charged: with what is reserved. NAN: too many to work out. 0 or -ENOMEM. */
int vcpu_check_pcpus_waiting(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                             const int *place_of, bool is_charged, double *ret);

#endif
