/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_CONSULT_H
#define EVENKEEL_PLANNER_VCPU_CONSULT_H

#include "models/certify/certify.h"
#include "planner/base/plan.h"
#include "planner/vcpu/planner.h"

/* The search for the best placement, then GLPK's word on it; or GLPK alone, where the settings say
 * so. Nothing but the answer's bin_of may become pins. Also fills the plan's solver and models.
 * 0, -ENOMEM or -EINVAL. */
int consult_plan(const struct vcpu_settings *settings, const struct placement_problem *problem,
                 struct placement_answer *ret, struct vcpu_plan *plan);

/* The same for an interval that changes nothing whatever a search would find: one linear
 * program. */
int consult_hold(const struct vcpu_settings *settings, const struct placement_problem *problem,
                 struct placement_answer *ret, struct vcpu_plan *plan);

/* The same for a question beside the plan, whose models nobody keeps. */
int consult_aside(const struct vcpu_settings *settings, const struct placement_problem *problem,
                  struct placement_answer *ret);

#endif
