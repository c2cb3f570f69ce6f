/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_PLANNER_H
#define EVENKEEL_PLANNER_MEMORY_PLANNER_H

#include <stdbool.h>

#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"
#include "planner/memory/settings.h"

/* Decides the sizes of all guests, once in each interval. It remembers what it saw and asked, and
 * replaces that as a whole at each step. */
struct memory_planner;
struct memory_planner *memory_planner_new(const struct memory_settings *settings);
void memory_planner_free(struct memory_planner *planner);

/* One interval's decision. The sample is only read. On failure (-ENOMEM, -EINVAL) *ret is untouched
 * and the planner remembers as if the interval had not happened. The same samples make the same
 * plans. The caller checks the plan (check.h) before it applies it, and frees it. */
int memory_planner_step(struct memory_planner *planner, const struct memory_sample *sample,
                        struct memory_plan *ret, struct err *err);

/* The last plan's step for this guest was not carried out: it failed, or a dry run only shows
 * plans. NULL: no step was. Without this, a guest that was never asked would look stuck. */
void memory_planner_retract(struct memory_planner *planner, const struct guest_id *guest);

/* The same, because the hypervisor refused: the guest is left alone for a while, and longer each
 * time. True for the first refusal, which is worth a word; the following ones are the same
 * trouble. */
bool memory_planner_refused(struct memory_planner *planner, const struct guest_id *guest);

#endif
