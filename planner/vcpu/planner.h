/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_PLANNER_H
#define EVENKEEL_PLANNER_VCPU_PLANNER_H

#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"
#include "planner/vcpu/settings.h"

/* The state between intervals: last sample and forecasts, replaced as a whole at each step. */
struct vcpu_planner;
struct vcpu_planner *vcpu_planner_new(const struct vcpu_settings *settings); /* or NULL */
void vcpu_planner_free(struct vcpu_planner *planner);

/* One interval's decision. The sample is only read, and sorted (vcpu_sample_sort()). On failure
 * *ret is untouched and the planner remembers as if the interval had not happened. Same samples,
 * same plan. The plan has to pass vcpu_check() before anything is done with it. 0, -ENOMEM,
 * -E2BIG where it would take more memory than the limits have, or -EINVAL where the sample makes no
 * sense. */
int vcpu_planner_step(struct vcpu_planner *planner, const struct vcpu_sample *sample,
                      struct vcpu_plan *ret, struct err *err);

/* What would be decided now on the sample that was seen last. Nothing is remembered. As vcpu_planner_step(). */
int vcpu_planner_answer(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                        struct vcpu_plan *ret, struct err *err);

/* A pin of the last plan failed although the guest is there. The vCPU is planned where it is for a
 * while, and longer each time, and its guest is not planned onto this pCPU for a while (-1: it is
 * not known which it was). */
void vcpu_planner_refused(struct vcpu_planner *planner, const struct guest_id *guest, unsigned vcpu,
                          int pcpu);
/* The same of a guest's other threads: they stay where they are for a while, and longer each time. */
void vcpu_planner_refused_helpers(struct vcpu_planner *planner, const struct guest_id *guest);
/* The last plan was carried out, but for what was refused, which is told before. Not after a dry run, nor
 * where the checker refused the plan. What the plan puts back of others' changes counts then (foreign.h). */
void vcpu_planner_applied(struct vcpu_planner *planner);

#endif
