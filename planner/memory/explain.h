/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_EXPLAIN_H
#define EVENKEEL_PLANNER_MEMORY_EXPLAIN_H

#include "planner/base/plan.h"
#include "planner/memory/interval.h"

/* Why a guest has its size: the constraint that binds it in the settled program, and what would
 * loosen it, priced by that program's dual. A dual of 0 says that memory is no constraint at
 * all. */

/* explain of every place. 0 or -ENOMEM. */
int memory_explain_places(const struct memory_interval *interval, struct memory_plan *plan);
/* plan->note: what is missing and for whom, what is overdrawn; "" when there is nothing to say. */
void memory_explain_note(const struct memory_interval *interval, struct memory_plan *plan);

#endif
