/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_PLAN_SETS_H
#define EVENKEEL_PLANNER_VCPU_PLAN_SETS_H

#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* Loads of a plan above level pcpu, from its places, its sets and its pCPUs' backgrounds. The kernel
 * spreads the vCPUs of a set evenly over it, so each of its pCPUs carries the same part of them: their
 * demands by the number of pCPUs, cut to whole permille. */
void plan_sets_load(struct vcpu_plan *plan);

/* Adds what the vCPUs want of each pCPU where they are placed so: place_of [n_places], -1: on none.
 * load [n_pcpus] in permille. */
void plan_sets_add(const struct vcpu_plan *plan, const int *place_of, int64_t *load);

/* Levels loads [n_pcpus] within each set of the level: it is the kernel that chooses among its pCPUs. */
void plan_sets_level(const struct vcpu_plan *plan, int64_t *load);
/* A load of a pCPU; above level pcpu the mean over its set. */
double plan_sets_mean(const struct vcpu_plan *plan, size_t p,
                      int (*load_of)(const struct pcpu_load *load));

/* Whether the i-th place has to be taken whatever it costs: a vCPU is confined to something narrower or
 * wider than before, and not to another set of the same kind; or its owner forbids all of its set. */
bool plan_sets_is_first(const struct vcpu_sample *sample, const struct vcpu_plan *plan, size_t i);

#endif
