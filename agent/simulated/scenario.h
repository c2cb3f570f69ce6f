/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SCENARIO_H
#define EVENKEEL_AGENT_SIMULATED_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/cpuset.h"
#include "planner/base/err.h"
#include "planner/base/guest.h"
#include "planner/base/sample.h"

/* What a scenario file says, checked, with its defaults filled in. README.md describes the members;
 * the names here are the same, in KiB and nanoseconds. */

enum scenario_do {
    DO_LOAD,
    DO_PIN,
    DO_RESIZE,
    DO_GROW,
    DO_FREE,
    DO_USE,
    DO_BALLOON,
    DO_STATISTICS,
    DO_START,
    DO_STOP,
    DO_VANISH,
    DO_PAUSE,
    DO_RESUME,
    DO_MIGRATE,
    DO_REBOOT,
    DO_PLUG,
    DO_REFUSE,
    DO_OUTAGE,
    DO_OTHER_MEMORY,
    DO_OFFLINE,
    DO_ONLINE,
    DO_BACKGROUND,
};

enum statistics_kind {
    STATISTICS_OK,
    STATISTICS_MISSING,
    STATISTICS_FROZEN,
    STATISTICS_MINUS_ONE,
    STATISTICS_ZERO,
    STATISTICS_ABSURD,
    STATISTICS_FUTURE,
};

/* How a guest's balloon behaves; a member of -1 in an event leaves that property as it is. */
struct balloon_manner {
    double kib_per_s;
    double delay_s;
    double least_kib, most_kib; /* hidden limits; 0 = none */
    double reverts_s;           /* goes back to its old size this long after obeying; 0 = stays */
    int autodeflate;
    int driver; /* 0: the guest has no balloon driver, the device is there */
};

struct scenario_event {
    uint64_t at_ns;
    enum scenario_do what;
    char guest[GUEST_NAME_MAX]; /* glob; "*" is everyone */
    int vcpu;                   /* -1: all */
    double pct, noise_pct;      /* noise_pct < 0: as it is */
    double kib, kib_per_s;
    uint64_t for_ns;
    enum statistics_kind statistics;
    struct balloon_manner balloon;
    struct cpuset pcpus;
};

struct scenario_guest {
    struct guest_id id;
    bool present; /* from the start */
    unsigned vcpus, vcpus_online;
    struct cpuset affinity, allowed;
    double pct, noise_pct;
    bool has_balloon, locked;
    double maximum_kib, actual_kib, used_kib, cache_kib, overhead_kib, touched_kib;
    double swap_kib, watermark_kib;
    struct balloon_manner balloon;
    struct memory_policy policy;
};

struct scenario {
    char name[64];
    bool for_vcpu, for_memory; /* which program it is made for */
    uint64_t duration_ns, step_ns, first_sample_ns;
    uint64_t seed;
    bool run_delay; /* the hypervisor tells how long vCPUs waited */
    struct cpuset present, online;
    double background_pct, background_noise_pct;
    double total_kib, other_kib, host_cache_kib;
    struct scenario_guest *guests; /* in the order of the file */
    size_t n_guests;
    struct scenario_event *events; /* by time; equal times in the order of the file */
    size_t n_events;
};

/* 0, -EINVAL with a sentence that names the member, or -ENOMEM. */
int scenario_parse(const char *json, struct scenario *ret, struct err *err);
void scenario_done(struct scenario *scenario);

#endif
