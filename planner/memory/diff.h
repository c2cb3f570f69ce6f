/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_DIFF_H
#define EVENKEEL_PLANNER_MEMORY_DIFF_H

#include "planner/base/plan.h"
#include "planner/memory/interval.h"

/* The plan's places, steps and verdict, as the difference between what is and what was decided. 0
 * or -ENOMEM. */
int memory_diff_fill(const struct memory_interval *interval, struct memory_plan *plan);

#endif
