/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_CHECK_SETS_H
#define EVENKEEL_PLANNER_VCPU_CHECK_SETS_H

#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* Checks of a plan above level pcpu, for check.c. Worked out again from the sample, with nothing of
 * the code that made the plan. 0, or -EINVAL with the sentence. */

/* Its sets are the level's by where the sample's pCPUs are; places, pins and loads fit together, and
 * nobody is pinned to what he may not use. */
int vcpu_check_sets(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                    struct err *err);
/* The first set that holds what guests may use of a mask; -1: none. */
int vcpu_check_sets_place(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                          const struct cpuset *mask);
/* Where vCPUs are before the plan, with places taken already that have to be: place_of [n_places]. */
void vcpu_check_sets_hold(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                          int *place_of);
/* Demand and background of each pCPU in permille, where vCPUs are placed so: those of one set are
 * alike. */
void vcpu_check_sets_loads(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                           const int *place_of, double *load);

#endif
