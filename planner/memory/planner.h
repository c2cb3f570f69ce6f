/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_PLANNER_H
#define EVENKEEL_PLANNER_MEMORY_PLANNER_H

#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"
#include "planner/memory/settings.h"

/* Defences that can be left out, one by one, so that a test can show what each of them prevents.
 * Data like everything else in the settings: a recording holds them. A daemon leaves none out. */
enum {
    MEMORY_WITHOUT_PROMISES = 1 << 0,   /* memory granted but not yet touched counts as free */
    MEMORY_WITHOUT_OVERHEAD = 1 << 1,   /* a guest's process needs nothing beside its memory */
    MEMORY_WITHOUT_PHASES = 1 << 2,     /* grants out of what this plan's reclaims will free */
    MEMORY_WITHOUT_OBEDIENCE = 1 << 3,  /* a guest that does not move is believed to move soon */
    MEMORY_WITHOUT_DISBELIEF = 1 << 4,  /* statistics are true, however old or strange */
    MEMORY_WITHOUT_STEP_LIMIT = 1 << 5, /* release everything at once */
    MEMORY_WITHOUT_DEADBAND = 1 << 6,   /* move balloons for a page */
    MEMORY_WITHOUT_FORECAST = 1 << 7,   /* no headroom for growth */
    MEMORY_WITHOUT_SLOW_FALL = 1 << 8,  /* believe a fall at once */
    MEMORY_WITHOUT_DIRECTION = 1 << 9,  /* release while a guest still grows, or just did */
    MEMORY_WITHOUT_PATIENCE = 1 << 10,  /* release again what was regretted the last time */
    MEMORY_WITHOUT_PAIRING = 1 << 11,   /* unused belongs to actual, even while the balloon moves */

    MEMORY_WITHOUT_FLOORS = 1 << 13,   /* take from any guest what another one needs */
    MEMORY_WITHOUT_LEARNING = 1 << 14, /* release from guests that were only just seen */
    MEMORY_WITHOUT_CHECK = 1 << 15,    /* apply without asking the checker */
    MEMORY_WITHOUT_PROGRESS = 1 << 12, /* a slow guest is as good as a stuck one */
    MEMORY_WITHOUT_ALL = (1 << 16) - 1,
};

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

/* The independent checker, which knows no exceptions (settings->without): floor <= target <= ceiling, nothing touched that is fixed, reclaims fall
 * and grants rise, no step inside the deadband or beyond the release limit, and reserve + all
 * grants + what is still promised fit into memory that is free now. 0, or -EINVAL with the
 * sentence. */
int memory_plan_check(const struct memory_settings *settings, const struct memory_sample *sample,
                      const struct memory_plan *plan, struct err *err);

#endif
