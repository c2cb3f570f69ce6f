/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_BELIEF_H
#define EVENKEEL_PLANNER_MEMORY_BELIEF_H

#include <stdbool.h>
#include <stdint.h>

#include "planner/memory/settings.h"

/* What of a guest's statistics is believed. Guests report late, not at all, or what cannot be true;
 * and their numbers belong to the size that they had when they reported. */
struct memory_belief {
    bool known;            /* used and active may be planned with */
    bool fresh;            /* they changed with this reading */
    bool silent;           /* unbelievable for longer than one odd reading can explain */
    unsigned good;         /* believable readings in a row */
    uint64_t bad_since_ns; /* 0: the last reading was believable */
    uint64_t stats_at_ns;  /* when the guest reported what is believed */
    uint64_t moved_at_ns;  /* when actual last changed, and nothing of the statistics with it */
    int64_t used_kib;      /* held and not free inside the guest */
    int64_t active_kib;    /* used without the cache that could be dropped */
    int64_t unused_kib;    /* as reported */
    int64_t unsure_kib; /* used may be more by this: the size moved, and the report has no total */
    uint64_t maximum_kib; /* the guest's, when its kernel's part was learned */
    uint64_t report_sum;  /* of all that was reported: a report that repeats it is the same one */
    int64_t kernel_kib;   /* what the guest's kernel leaves out of its own total; -1: unknown */
    int64_t kernel_seen_kib; /* as last seen at rest; believed when seen twice */
    char why_not[80];        /* why the reading was not believed, for people; "" where it was */
};
/* last_*: the reading before this one; last_at_ns 0: there was none. */
void memory_belief_next(const struct memory_settings *settings, uint64_t at_ns,
                        const struct memory_reading *reading, int64_t last_actual_kib,
                        uint64_t last_at_ns, const struct memory_belief *old,
                        struct memory_belief *ret);

#endif
