/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_DEMAND_H
#define EVENKEEL_PLANNER_MEMORY_DEMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "planner/memory/belief.h"
#include "planner/memory/settings.h"

/* What the guest needs, and which way its size may move. */
enum memory_phase { PHASE_RESTING, PHASE_RISING, PHASE_FALLING };
struct memory_demand {
    int64_t demand_kib;      /* used, believed at once when it rises, slowly when it falls */
    int64_t wander_kib;      /* by how much it went down lately without a fall: noise, not need */
    int64_t swing_kib;       /* the part of that which came back and went again: a wave */
    int64_t dip_kib;         /* the fall with which a wave may have begun; 0: there was none */
    int64_t dipped_kib;      /* what was used after that fall */
    int64_t climb_kib;       /* by how much more it usually uses an interval later: noise, or slow
                                growth */
    unsigned rises;          /* reports in a row that were higher than all before */
    double growth_kib_per_s; /* believed at once when it rises, halved every 4 s */
    int64_t surge_kib;       /* by which it rose since it began to grow */
    int64_t rise_kib;        /* by which demand rose with the last report */
    int64_t jump_kib;        /* its largest growth within a few intervals; forgotten in hours */
    int64_t low_kib[2];      /* the least it used in the window before, and in this one */
    uint64_t window_ns;      /* when this window began */
    int64_t swapped_kib; /* read back from swap since the last report: it wants to be resident */
    enum memory_phase phase;
    uint64_t quiet_since_ns;      /* no growth since */
    uint64_t fell_at_ns;          /* when a large part of what was used was freed; 0: not */
    int64_t peak_kib, trough_kib; /* around that fall */
    double patience_s; /* how long a fall has to last; longer after each release regretted */
    uint64_t regret_at_ns;
    uint64_t swap_in_kib, major_faults;
};
/* was is what was believed before this reading, belief what is believed with it. is_disturbed:
 * somebody else changed the guest's size. */
void memory_demand_next(const struct memory_settings *settings, uint64_t at_ns,
                        const struct memory_reading *reading, const struct memory_belief *was,
                        const struct memory_belief *belief, bool is_disturbed,
                        const struct memory_demand *old, struct memory_demand *ret);
/* How much more than other guests it wanders. It may keep that beside what is idle. */
int64_t memory_demand_unrest_kib(const struct memory_demand *demand);

#endif
