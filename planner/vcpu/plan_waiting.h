/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_PLAN_WAITING_H
#define EVENKEEL_PLANNER_VCPU_PLAN_WAITING_H

#include "planner/base/plan.h"
#include "planner/vcpu/track.h"

/* Fills in plan->waiting from the plan's places and loads: what was measured, and what waiting.h
 * expects of the present placement, of the plan's, and of one in which everybody floats. What runs on
 * a pCPU beside its vCPUs counts as one more of them. Where some float and some are pinned, the
 * floating ones share what the others leave on average; and where others' masks hold vCPUs on sets, these
 * are there while everybody else floats. 0 or -ENOMEM. */
int plan_waiting(const struct vcpu_tracks *tracks, struct vcpu_plan *plan);

/* The same of any placement of the plan's vCPUs, if each wanted what is reserved for it: pcpu_of
 * [n_places], -1: floats. NAN: too many to work out. 0 or -ENOMEM. */
int plan_waiting_of(const struct vcpu_plan *plan, const int *pcpu_of, double *ret);
/* As they are, where the plan finds them or leaves them. */
int plan_waiting_placed(const struct vcpu_plan *plan, bool after, double *ret);

#endif
