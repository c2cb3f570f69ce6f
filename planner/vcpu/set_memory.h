/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_SET_MEMORY_H
#define EVENKEEL_PLANNER_VCPU_SET_MEMORY_H

#include "planner/vcpu/set_problem.h"

/* Adds to each item's prices what it loses in a set to memory on other nodes, in every interval anew:
 * so staying may cost something, too. What it loses everywhere is left out. The problem has its
 * objective. Nothing where the setting price_memory is off. 0 or -ENOMEM. */
int set_memory_price(const struct vcpu_settings *settings, const struct set_question *question,
                     struct placement_problem *problem);

/* Whether an item pays so many points more for staying than elsewhere. */
bool set_memory_is_away(const struct placement_problem *problem, double points);

/* What a point of deviation costs on a set of so many pCPUs, on average while it is filled from one part to
 * another: pCPUs' worth of waiting, where four vCPUs share a pCPU (waiting.h), and of what is not had. */
int set_memory_slope(double pcpus, double from, double to, double *ret);

#endif
