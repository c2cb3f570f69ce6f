/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_CHECK_CLAIMS_H
#define EVENKEEL_PLANNER_VCPU_CHECK_CLAIMS_H

#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* Private to check.c: what a plan says of vCPUs beside their places is what the sample says. Who is
 * said to run apart does, and stays; what is reserved is as in the definitions. 0 or -EINVAL with the
 * sentence. */
int vcpu_check_claims(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      struct err *err);

#endif
