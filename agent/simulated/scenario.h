/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SCENARIO_H
#define EVENKEEL_AGENT_SIMULATED_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/simulated/load.h"
#include "agent/simulated/place.h"
#include "agent/simulated/scenario_event.h"
#include "planner/base/cpuset.h"
#include "planner/base/err.h"
#include "planner/base/guest.h"
#include "planner/base/sample.h"
#include "planner/topology/facts.h"

/* What a scenario file says, checked, with its defaults filled in. README.md describes the members;
 * the names here are the same, in KiB and nanoseconds. */

struct scenario_node {
    int id;
    double share; /* of the guest's memory */
};
enum { SCENARIO_MAX_NODES = 8, SCENARIO_MAX_IOTHREADS = 8 };

struct scenario_guest {
    struct guest_id id;
    bool present; /* from the start */
    unsigned vcpus, vcpus_online;
    struct cpuset affinity, allowed;
    struct cpuset may_run;   /* the kernel refuses pins outside, as for a group's cpuset */
    bool has_strange_limits; /* its owner's limits cannot be read */
    bool is_program;         /* no guest: another program with this many threads, in no sample */
    bool follows;            /* a program that moves to where the last pin went */
    double pct, noise_pct;
    double reserve_pct;                          /* of a pCPU, kept for each vCPU */
    double quota_pct, guest_quota_pct;           /* of each vCPU, and of the whole guest; 0: none */
    double helpers_pct;                          /* load of its emulator ... */
    double iothread_pct[SCENARIO_MAX_IOTHREADS]; /* ... and of each of its I/O threads */
    size_t n_iothreads;
    struct cpuset helpers_affinity; /* where those may run at the start */
    bool has_owned_helpers;         /* its definition pins them there */
    bool has_balloon;
    enum memory_lock lock; /* what its definition says about its memory */
    bool is_told;          /* and whether that is seen at all */
    bool keeps_pages;      /* what its balloon takes stays with its process */
    double virtio_mem_kib, plugged_kib, nvdimm_kib; /* plugged: part of actual */
    double hard_limit_kib;                          /* its process is killed beyond; 0: no limit */
    double maximum_kib, actual_kib, used_kib, cache_kib, overhead_kib, touched_kib;
    double swap_kib, watermark_kib;
    struct balloon_manner balloon;
    struct memory_policy policy;
    struct scenario_node nodes[SCENARIO_MAX_NODES]; /* where its memory is */
    size_t n_nodes;                                 /* 0: near everywhere */
    bool has_strict_memory;                         /* it may be on no other node */
};

struct scenario {
    char name[64];
    bool for_vcpu, for_memory; /* which program it is made for */
    uint64_t duration_ns, step_ns, first_sample_ns;
    uint64_t seed;
    double burst_ns; /* vCPUs work in bursts of this mean length; 0: evenly */
    bool run_delay;  /* the hypervisor tells how long vCPUs waited */
    bool busy_times; /* the kernel tells how long each pCPU was busy */
    struct cpuset present, online;
    bool is_told; /* what the following, and the cache of ZFS, keep from guests is seen */
    struct cpuset isolated, tickless, slice; /* slice: all of present where there is none */
    double background_pct, background_noise_pct;
    struct cpuset slow; /* pCPUs that have this speed, in percent of the others */
    double slow_pct;
    double total_kib, other_kib, host_cache_kib, arc_kib;
    struct scenario_guest *guests; /* in the order of the file, then other programs */
    size_t n_guests;
    struct scenario_event *events; /* by time; equal times in the order of the file */
    size_t n_events;
    struct topology_facts *topology; /* owned; NULL: nothing is told of the host's shape */
    double sibling_pct; /* what a further thread of a core adds, in percent of the first one */
    double remote_pct;  /* how much longer work takes with its memory at twice the local distance */
    struct load load;   /* recorded; of guests that are there */
    double made_up_pct; /* vCPUs' load is made up, so much of the online pCPUs on average; 0: not */
};

/* place NULL: other files are refused. 0, -EINVAL with a sentence that names the member, or
 * -ENOMEM; -ECANCELED when asked to stop. */
int scenario_parse(const char *json, const struct scenario_place *place, struct scenario *ret,
                   struct err *err);
void scenario_done(struct scenario *scenario);

#endif
