/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_CHECK_H
#define EVENKEEL_PLANNER_MEMORY_CHECK_H

#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"
#include "planner/memory/settings.h"

/* The gate between planning and applying:
 * - each target lies between floor and ceiling, and nothing is touched that is fixed;
 * - reclaims fall and grants rise, no step is inside the deadband or beyond the release limit;
 * - the reserve, all grants and what is still promised fit into memory that is free now.
 * 0, or -EINVAL with the sentence. */
int memory_check(const struct memory_settings *settings, const struct memory_sample *sample,
                 const struct memory_plan *plan, struct err *err);

#endif
