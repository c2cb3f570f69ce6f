/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_PLANNER_STATE_H
#define EVENKEEL_PLANNER_MEMORY_PLANNER_STATE_H

#include "planner/memory/interval.h"
#include "planner/memory/planner.h"

/* Private to planner.c and what_if.c. */
struct memory_planner {
    struct memory_settings settings;
    struct memory_solver *solver;
    struct memory_track *tracks; /* by UUID, like the sample */
    size_t n_tracks;
    bool has_seen; /* at least one sample */
};

/* The interval's plan, from its sample and tracks. 0 or a negative errno; the plan is to be freed in
 * both cases. */
int memory_planner_make_plan(struct memory_planner *planner, struct memory_interval *interval,
                             struct memory_plan *plan);

#endif
