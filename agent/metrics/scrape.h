/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_METRICS_SCRAPE_H
#define EVENKEEL_AGENT_METRICS_SCRAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/options.h"
#include "planner/base/plan.h"

/* What a program's metrics are made of: plain data of the last interval and what was counted since the
 * start. */

/* Durations, in the steps of scrape_steps_s; the last one is everything beyond. */
enum { SCRAPE_STEPS = 13 };
extern const double scrape_steps_s[SCRAPE_STEPS];
struct scrape_durations {
    uint64_t of[SCRAPE_STEPS + 1];
    double sum_s;
};
void scrape_durations_add(struct scrape_durations *durations, double s);

enum { SCRAPE_VERDICTS = VERDICT_HOLD_UNSAFE + 1 };
enum scrape_action {
    SCRAPE_PIN,
    SCRAPE_RELEASE,
    SCRAPE_HELPERS,
    SCRAPE_RECLAIM,
    SCRAPE_GRANT,
    SCRAPE_ACTIONS
};
struct scrape_totals {
    uint64_t intervals[SCRAPE_VERDICTS];
    uint64_t failed_intervals, overruns;
    uint64_t proven, open; /* decisions that came from a search */
    uint64_t changes[SCRAPE_ACTIONS], failed, gone;
    struct scrape_durations took, solve;
    double solve_cpu_s;
};

/* One guest of the last sample; the figures are memory_coordinator's. */
struct scrape_guest {
    struct guest_id id;
    enum guest_state state;
    uint64_t target_kib, floor_kib;
    bool has_age;
    double age_s;
    uint64_t foreign_changes; /* by somebody else, while it ran and we looked */
    bool is_left;             /* to him */
};
struct scrape_vcpu {
    size_t guest; /* index */
    unsigned vcpu;
    double demand; /* of a pCPU */
};
struct scrape_bin {
    int pcpu; /* or -1: a set */
    struct cpuset pcpus;
    double demand, background; /* of one of its pCPUs, on average */
    size_t n_usable;
};

/* How the program itself does. */
struct scrape_cost {
    bool is_acting; /* what it decides is carried out */
    double interval_s;
    int64_t at_s; /* the end of the last interval, in Unix time; 0: there was none */
    double cpu_s;
    uint64_t resident_kib, calls;
    bool knows_hands;
    unsigned hands; /* a set of enum hand (host/hands.h) */
};

struct scrape {
    enum program program;
    bool is_up; /* the last interval had a sample and a decision; there are figures of it */
    struct scrape_totals totals;
    struct scrape_cost cost;

    double gap, objective, bound;                              /* not finite: not known */
    double sigma, sigma_least, waiting, expected;              /* likewise; vcpu_scheduler's */
    uint64_t free_kib, reserve_kib, promised_kib, missing_kib; /* memory_coordinator's */
    struct scrape_guest *guests;                               /* owned, as the arrays below */
    size_t n_guests;
    struct scrape_vcpu *vcpus;
    size_t n_vcpus;
    struct scrape_bin *bins;
    size_t n_bins;
};
void scrape_done(struct scrape *scrape);

/* Prometheus' text format, version 0.0.4, malloc'ed; NULL without memory. A figure that is not known has
 * no line. A guest's label is its true name, as other exporters have it. Where that is cut, or has
 * characters that no reader can see, its UUID stands behind U+FFFD: no two guests have one label, and
 * none can break a line. */
char *scrape_text(const struct scrape *scrape);

#endif
