/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_GUEST_STATS_H
#define EVENKEEL_AGENT_HOST_GUEST_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/sample.h"

/* One guest's typed statistics as libvirt names them, "vcpu.3.time" or "balloon.unused", taken one
 * by one in any order: what is not there leaves its flag unset, what is not known is ignored. Units
 * and meaning: virConnectGetAllDomainStats() in libvirt's reference. */

struct vcpu_stats {
    bool has_time, has_delay, online;
    uint64_t time_ns, delay_ns;
};

struct guest_stats {
    int state, reason;        /* virDomainState and its reason; 0 where not told */
    uint64_t max_vcpus;       /* 0 where not told */
    struct vcpu_stats *vcpus; /* owned, [n_vcpus], by vCPU number: numbers may be sparse */
    size_t n_vcpus;
    bool has_cpu_time;
    uint64_t cpu_time_ns;         /* of all its threads, those that are no vCPUs as well */
    struct memory_reading memory; /* the counts that were told, and their MEMORY_HAS_* */
    bool has_actual, has_maximum, has_update;
    int64_t last_update_s; /* real time at which the guest reported; 0: never */
};

/* 0 or -ENOMEM. */
int guest_stats_take(struct guest_stats *stats, const char *field, uint64_t value);
/* The same of a memory statistic that comes with libvirt's tag instead of a name, as from
 * virDomainMemoryStats(). */
void guest_stats_take_tag(struct guest_stats *stats, int tag, uint64_t value);
void guest_stats_done(struct guest_stats *stats);
/* What state and reason mean to a planner. */
enum guest_run guest_stats_run(const struct guest_stats *stats);

#endif
