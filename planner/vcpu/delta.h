/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_DELTA_H
#define EVENKEEL_PLANNER_VCPU_DELTA_H

#include <stdbool.h>
#include <stdint.h>

#include "planner/base/sample.h"

/* What has to be kept of a reading until the next sample. */
struct vcpu_counter {
    unsigned char uuid[16];
    unsigned vcpu;
    int pcpu; /* to which it was pinned, or -1 */
    bool running, has_delay;
    uint64_t cpu_time_ns, delay_ns;
};

/* Shares of the wall time that really passed between two samples. */
struct vcpu_usage {
    bool known;     /* false: new, restarted, or not running all the time */
    bool has_delay; /* delay is known too */
    double usage;   /* it ran; a little over 1 where counter and clock were not read together */
    double delay;   /* it was runnable but waited for a pCPU; at most 1 */
    double ran;     /* it ran, known or not: of a vCPU that is new all it ever ran */
    bool moved;     /* it was placed elsewhere when the interval began */
    int was_pcpu;   /* where then: the pCPU to which it was pinned, or -1 */
};

struct vcpu_counter vcpu_counter(const struct vcpu_reading *reading);
/* Order by (UUID, vCPU), as samples are sorted. */
int vcpu_counter_compare(const struct vcpu_counter *counter, const struct vcpu_reading *reading);
/* before may be NULL: seen for the first time. A counter that went backwards is a restart, and a
 * restarted vCPU has no history. */
struct vcpu_usage vcpu_delta(const struct vcpu_counter *before, const struct vcpu_reading *now,
                             uint64_t elapsed_ns);
/* Whether any of them was pinned elsewhere in the interval. */
bool vcpu_usage_is_any_moved(const struct vcpu_usage *usage, size_t n);

#endif
