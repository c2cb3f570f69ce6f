/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SIMULATED_H
#define EVENKEEL_AGENT_SIMULATED_SIMULATED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "agent/base/host.h"
#include "agent/base/ticker.h"
#include "planner/base/cpuset.h"
#include "planner/base/err.h"
#include "planner/base/sample.h"

/* A KVM host in virtual time: the second implementation of struct host and of struct ticker. Same
 * scenario, same seed, same calls: the same numbers to the last bit (README.md: the file format and
 * what is modelled). */

/* Which program asks; a scenario made for the other one is refused. */
enum simulated_kind { SIMULATED_VCPU, SIMULATED_MEMORY };

/* name_or_file: a built-in scenario (simulated_list()), or a JSON file. The ticker's wait() advances
 * virtual time by interval_s and answers 0 once the scenario is over; the first wait() goes to the
 * scenario's first sample. The host owns the world: close it after the ticker's last use.
 * 0, -ENOENT (neither a name nor a file), -EINVAL (the sentence names the member) or -ENOMEM. */
int simulated_open(const char *name_or_file, enum simulated_kind kind, double interval_s,
                   struct host *ret_host, struct ticker *ret_ticker, struct err *err);
/* The same from the text of a scenario. */
int simulated_open_text(const char *json, enum simulated_kind kind, double interval_s,
                        struct host *ret_host, struct ticker *ret_ticker, struct err *err);
/* What --simulate help prints. */
void simulated_list(FILE *out);
/* The JSON text of a built-in scenario, malloc'ed. 0, -ENOENT or -ENOMEM. */
int simulated_text(const char *name, char **ret, struct err *err);

/* ---- Observers: the truth, for monitors and tests. Nothing here goes through a sample. ---- */

struct simulated;
struct simulated *simulated_of(const struct host *host);
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
};
size_t simulated_pcpus(const struct simulated *world);
void simulated_pcpu(const struct simulated *world, size_t index, struct simulated_pcpu *ret);

struct simulated_vcpu {
    const char *guest; /* in the order of the scenario, which is the order of a list of guests */
    unsigned vcpu;
    bool running;
    uint64_t time_ns, delay_ns; /* cumulative */
    int demand_permille;        /* what it would use alone, without noise */
    unsigned last_pcpu;         /* where it last ran */
    struct cpuset affinity;
    uint64_t pin_calls; /* by the program; outside events do not count */
};
size_t simulated_vcpus(const struct simulated *world);
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
    unsigned forbidden_calls;  /* balloon calls on a locked or migrating guest or without balloon */
};
size_t simulated_guests(const struct simulated *world);
void simulated_guest(const struct simulated *world, size_t index, struct simulated_guest *ret);

struct simulated_memory {
    uint64_t total_kib, other_kib, free_kib, overhead_kib;
    int64_t committed_free_kib; /* free if every guest touched all it holds or has been promised */
    uint64_t lowest_free_kib;
    int64_t lowest_committed_free_kib;
    unsigned host_oom_kills;
};
void simulated_memory(const struct simulated *world, struct simulated_memory *ret);
uint64_t simulated_pin_calls(const struct simulated *world);
uint64_t simulated_balloon_calls(const struct simulated *world);

#endif
