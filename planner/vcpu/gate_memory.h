/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_GATE_MEMORY_H
#define EVENKEEL_PLANNER_VCPU_GATE_MEMORY_H

#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* Pins may let vCPUs wait a little longer than floating, for what a cache saves, which nobody can tell.
 * Where guests' memory lies is told, and then a level has to be worth it by that:
 *
 *     waiting + lost to far memory, after the plan  <=  the same floating
 *
 * Who floats runs on all pCPUs alike that it may use: within the mask that somebody else gave it, because
 * that stays when our pins are taken back. */

/* Fills plan->memory.floating in, after all else of it (remote.h). heeds_owners false: others' masks are
 * not counted. 0 or -ENOMEM. */
int gate_memory_of_plan(const struct vcpu_sample *sample, bool heeds_owners,
                        struct vcpu_plan *plan);

/* Whether a complete plan keeps that; so does one of which no memory is known. */
bool gate_memory_passes(const struct vcpu_plan *plan);

#endif
