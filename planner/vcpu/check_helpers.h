/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_CHECK_HELPERS_H
#define EVENKEEL_PLANNER_VCPU_CHECK_HELPERS_H

#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* Part of vcpu_check(): threads that are no vCPUs are counted with vCPUs that run, and go only where those
 * of their guest are after the plan, or back to where they were found; nobody else's decision is undone. */
int vcpu_check_helpers(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                       struct err *err);

#endif
