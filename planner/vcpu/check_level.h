/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_CHECK_LEVEL_H
#define EVENKEEL_PLANNER_VCPU_CHECK_LEVEL_H

#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* The part of vcpu_check() that is about `--level auto`, counted again from sample and places:
 * - only pins of our own are taken back, only where that is the course, and they are exactly the
 *   difference;
 * - no plan lets vCPUs wait longer than floating by more than it may, that is
 *   part * W_plan / R_plan - max(W_float / R_float, measured) <= most; but moves of vCPUs that are
 *   pinned already may be made where they do not lengthen the expected waiting, or where one of them
 *   cannot stay.
 * 0, -ENOMEM or -EINVAL with the sentence. */
int vcpu_check_level(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                     struct err *err);

#endif
