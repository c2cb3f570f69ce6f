/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_PLANNER_H
#define EVENKEEL_PLANNER_MEMORY_PLANNER_H

#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"
#include "planner/memory/settings.h"

struct memory_planner;
struct memory_planner *memory_planner_new(const struct memory_settings *settings);
void memory_planner_free(struct memory_planner *planner);

/* As vcpu_planner_step(). */
int memory_planner_step(struct memory_planner *planner, const struct memory_sample *sample,
                        struct memory_plan *ret, struct err *err);

/* The last plan's step for this guest was not carried out (it failed, or a dry run shows plans
 * only): nothing was asked of it. NULL: none of the steps was. Without this, a guest that was never
 * asked would look stuck. */
void memory_planner_retract(struct memory_planner *planner, const struct guest_id *guest);

#endif
