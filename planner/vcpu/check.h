/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_CHECK_H
#define EVENKEEL_PLANNER_VCPU_CHECK_H

#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* The gate between planning and applying. It uses nothing of the code that makes plans but the closed
 * form for waiting (waiting.h), and counts everything again from the sample's masks:
 * - each vCPU of the sample is in the plan once;
 * - a vCPU that moves is running and has limits that can be read, and it goes to an online pCPU
 *   that guests may use and that its definition permits;
 * - the pins are exactly the difference, loads and sigmas are right, and no pCPU ran all the time and
 *   more;
 * - the plan is never dearer than changing nothing, and never cheaper than its bound;
 * - what is reserved for vCPUs is what their definitions say;
 * - by the demands as they are, and these reserves, the moves that could be left make neither overload nor sigma nor
 *   expected waiting worse (harm.h);
 * - under `--level auto` pins are worth it, and only ours are taken back (check_level.h).
 * 0, -ENOMEM, or -EINVAL with the sentence. */
int vcpu_check(const struct vcpu_sample *sample, const struct vcpu_plan *plan, struct err *err);

#endif
