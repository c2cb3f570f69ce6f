/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_INTERVAL_H
#define EVENKEEL_PLANNER_MEMORY_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "models/memory/solver.h"
#include "planner/memory/host.h"
#include "planner/memory/track.h"

/* All that one interval knows when it writes its plan. */
struct memory_interval {
    const struct memory_settings *settings;
    const struct memory_sample *sample;
    const struct memory_track *tracks; /* [sample->n_guests] */
    const struct memory_item *items;
    struct memory_host host;
    struct memory_problem problem;
    struct memory_solution settled;
    const int64_t *sizes_kib; /* what to ask for now */
    bool is_first;            /* only observes */
};

#endif
