/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_TRACK_H
#define EVENKEEL_PLANNER_MEMORY_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "planner/base/backoff.h"
#include "planner/base/plan.h"
#include "planner/memory/belief.h"
#include "planner/memory/demand.h"
#include "planner/memory/hands.h"
#include "planner/memory/response.h"
#include "planner/memory/settings.h"
#include "planner/memory/yield.h"

/* What the planner remembers of one guest. Nothing in it is edited: a pure function makes each part
 * from the old one and the new reading. For a guest not seen before the old one is all zero. */

struct memory_track {
    unsigned char uuid[16];
    uint64_t seen_ns;
    int64_t actual_kib;
    int64_t beside_kib;   /* the part of it that no balloon governs */
    int64_t overhead_kib; /* host memory beside the guest's own */
    struct memory_belief belief;
    struct memory_demand demand;
    struct memory_response response;
    struct memory_hands hands;
    struct memory_yield yield;
    struct backoff refused; /* its balloon calls failed */
    enum guest_state state;
    uint64_t since_ns;
};
/* First what the balloons did, for all guests: *ret gets everything that needs no statistics.
 * host_kib: see struct memory_yield_now. */
void memory_track_follow(const struct memory_settings *settings, uint64_t at_ns,
                         const struct memory_reading *reading, int64_t host_kib,
                         const struct memory_track *old, struct memory_track *ret);
/* Then what the guests need. is_bulk: several sizes were changed from outside at once. */
void memory_track_next(const struct memory_settings *settings, uint64_t at_ns,
                       const struct memory_reading *reading, const struct memory_track *old,
                       bool is_bulk, struct memory_track *track);
/* Its balloon may be used at all. Enough is known to plan with. */
bool memory_track_is_movable(const struct memory_reading *reading);
bool memory_track_is_plannable(const struct memory_reading *reading,
                               const struct memory_track *track);

/* Its balloon call failed: it is asked for nothing. */
bool memory_track_is_refused(const struct memory_track *track);

/* What the guest holds or has been promised: the size it may grow to without asking. */
int64_t memory_track_current_kib(const struct memory_track *track);

#endif
