/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_CONSULT_SETS_H
#define EVENKEEL_PLANNER_VCPU_CONSULT_SETS_H

#include "models/certify/certify.h"
#include "planner/vcpu/build.h"

/* consult_plan() for a problem of set_build.h. Where something has to be placed, whoever has a set keeps
 * it as long as the largest deviation stays within limit_points; settled guests are not moved for what
 * would be no reason to move them alone. Guests that would crowd a corner of their set are barred from
 * it, and the question is asked again. The problem stays as it was asked last. 0 or what the solver
 * failed with. */
int consult_sets(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                 const struct vcpu_tracks *tracks, struct vcpu_build *build, double limit_points,
                 struct placement_answer *ret, struct vcpu_plan *plan);

#endif
