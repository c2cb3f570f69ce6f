/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ROSTER_H
#define EVENKEEL_AGENT_ROSTER_H

#include "agent/base/log.h"
#include "planner/base/sample.h"

/* Who was in the last sample. Who is not in the next one is named: it has ended, or nothing can be
 * learnt of it, or it is no longer ours. */
struct roster {
    struct guest_id *guests; /* owned, sorted by UUID */
    size_t n;
};

/* Without memory nobody is named. */
void roster_see_vcpus(struct roster *roster, const struct vcpu_sample *sample,
                      const struct log *log);
void roster_see_memory(struct roster *roster, const struct memory_sample *sample,
                       const struct log *log);
void roster_done(struct roster *roster);

#endif
