/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_HOST_H
#define EVENKEEL_PLANNER_MEMORY_HOST_H

#include <stdint.h>

#include "planner/memory/track.h"

/* The host's side. */
struct memory_host {
    int64_t free_kib; /* free now, or droppable by the host */
    int64_t reserve_kib;
    int64_t promised_kib; /* held or granted, not yet touched */
    int64_t unsure_kib;   /* counted as touched, on the word of a guest that is not itself now */
    int64_t spare_kib;    /* what may be granted now; negative: overdrawn */
    int64_t current_kib;  /* sum over the guests */
};
void memory_host_account(const struct memory_settings *settings, const struct memory_sample *sample,
                         const struct memory_track *tracks, struct memory_host *ret);

#endif
