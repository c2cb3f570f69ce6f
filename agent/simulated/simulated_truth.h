/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SIMULATED_TRUTH_H
#define EVENKEEL_AGENT_SIMULATED_SIMULATED_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/cpuset.h"

/* The truth about the simulated host, for monitors and tests. Nothing here goes through a
 * sample. */

struct simulated;
uint64_t simulated_now_ns(const struct simulated *world);
uint64_t simulated_end_ns(const struct simulated *world);

/* watch() is called during wait() whenever a multiple of period_s has passed, before the program
 * sees that instant. One watcher. */
void simulated_watch(struct simulated *world, double period_s,
                     void (*watch)(void *arg, const struct simulated *world), void *arg);

struct simulated_pcpu {
    unsigned id;
    bool online;
    uint64_t busy_ns; /* cumulative, guests and background */
    size_t core, llc,
        node; /* indices, by the least pCPU or the id; all 0 without a topology but for
                               core */
};
size_t simulated_pcpus(const struct simulated *world);
void simulated_pcpu(const struct simulated *world, size_t index, struct simulated_pcpu *ret);

struct simulated_vcpu {
    const char *guest; /* in the order of the scenario, which is the order of a list of guests */
    unsigned vcpu;
    bool running;
    uint64_t time_ns, delay_ns; /* cumulative */
    uint64_t work_ns;    /* what it got done meanwhile, in time of a pCPU that nothing slows */
    uint64_t remote_ns;  /* of time_ns, how much went to memory on other nodes */
    int demand_permille; /* what it would use alone, without noise */
    unsigned last_pcpu;  /* where it last ran */
    struct cpuset affinity;
    uint64_t pin_calls; /* by the program; outside events do not count */
};
size_t simulated_vcpus(const struct simulated *world);
/* All threads: those vCPUs, then helpers and other programs under their guest's or own name. */
size_t simulated_threads(const struct simulated *world);
void simulated_vcpu(const struct simulated *world, size_t index, struct simulated_vcpu *ret);

struct simulated_guest {
    const char *name;
    bool alive;
    uint64_t maximum_kib, actual_kib, target_kib;
    uint64_t unused_kib;          /* now */
    uint64_t reported_unused_kib; /* as the guest last reported it */
    uint64_t used_kib;            /* cannot be dropped: kernel and programs */
    uint64_t cache_kib, swap_kib, touched_kib;
    uint64_t lowest_actual_kib, lowest_unused_kib; /* at any instant after 1 s */
    uint64_t balloon_calls;                        /* by the program */
    bool program_runs;
    uint64_t program_kib;      /* memory of the growing program */
    uint64_t program_peak_kib; /* and the most it ever had */
    unsigned oom_at_maximum;   /* allocations that failed with nothing left to give */
    unsigned oom_below;        /* ... that failed although the guest was under its maximum */
    unsigned refused_calls;    /* balloon calls that the hypervisor refused */
    unsigned limit_kills;      /* its process held more than it may */
    unsigned busy_calls;       /* any that would have had to wait for a migration */
    unsigned forbidden_calls;  /* balloon calls on a locked or migrating guest or without balloon */
};
struct simulated_cpu {
    double wanted_s;   /* CPU time that guests' vCPUs would have used alone, quotas obeyed */
    double unserved_s; /* of that, what they did not get because they waited */
};
void simulated_cpu(const struct simulated *world, struct simulated_cpu *ret);

size_t simulated_guests(const struct simulated *world);
void simulated_guest(const struct simulated *world, size_t index, struct simulated_guest *ret);

struct simulated_memory {
    uint64_t total_kib, other_kib, free_kib, overhead_kib;
    int64_t committed_free_kib; /* free if every guest touched all it holds or has been promised */
    uint64_t lowest_free_kib;
    int64_t lowest_committed_free_kib;
    unsigned host_oom_kills;
    const char *first_killed; /* display name; NULL: none */
    double first_kill_s;
};
void simulated_memory(const struct simulated *world, struct simulated_memory *ret);
uint64_t simulated_pin_calls(const struct simulated *world);
uint64_t simulated_balloon_calls(const struct simulated *world);

#endif
