/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_HOST_H
#define EVENKEEL_PLANNER_MEMORY_HOST_H

#include <stdint.h>

#include "planner/memory/track.h"

/* The host's side of the account. Memory that was promised and not yet touched is spent: a guest
 * takes it without asking. */
struct memory_host {
    int64_t total_kib;
    int64_t free_kib; /* free now, or droppable by the host */
    int64_t reserve_kib;
    int64_t promised_kib; /* held or granted, not yet touched */
    int64_t unsure_kib;   /* counted as touched, on the word of a guest that is not itself now */
    int64_t spare_kib;    /* what may be granted now; negative: overdrawn */
    int64_t current_kib;  /* sum over the guests */
};
/* What a guest may still take from the host without asking: all it holds or has been promised
 * (current) and what its process needs (overhead), less what it has touched. Where the host does
 * not tell that (some remote drivers), used is what it has touched for certain. Locked memory was
 * taken as a whole when the guest started. */
int64_t memory_host_promised_kib(const struct memory_reading *reading, int64_t current_kib,
                                 int64_t overhead_kib, int64_t used_kib);
void memory_host_account(const struct memory_settings *settings, const struct memory_sample *sample,
                         const struct memory_track *tracks, struct memory_host *ret);

#endif
