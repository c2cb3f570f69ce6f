/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HISTORY_OBSERVE_H
#define EVENKEEL_AGENT_HISTORY_OBSERVE_H

#include "agent/history/figures.h"
#include "planner/base/plan.h"

/* An interval's figures.
 *
 * A bin is a pCPU that guests may use, or a set of them above level pcpu. Its load is how busy it
 * was, its background what of that is no guest's, its fair share what it would carry of all loads if
 * each bin carried as much as it is worth. What a guest used, and how long it waited for pCPUs, are
 * its vCPUs' together, in thousandths of a pCPU. */

/* The readings of one guest's vCPUs together, as they were in the interval before. */
struct guest_counter {
    unsigned char uuid[16];
    size_t n_vcpus;
    bool has_delay;
    uint64_t cpu_time_ns, delay_ns;
};
struct counters {
    uint64_t at_ns;
    struct guest_counter *guests; /* owned, by UUID */
    size_t n;
};
void counters_done(struct counters *counters);

/* last are the names in force, which are shared where nobody came or went; before is replaced by this
 * interval's readings. 0 or -ENOMEM. */
int observe_vcpus(const struct vcpu_sample *sample, const struct vcpu_plan *plan, int64_t t_s,
                  struct names *last, struct counters *before, struct figures *ret);
int observe_memory(const struct memory_sample *sample, const struct memory_plan *plan, int64_t t_s,
                   struct names *last, struct figures *ret);

#endif
