/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_SUMMARY_H
#define EVENKEEL_AGENT_REPORT_SUMMARY_H

#include "agent/report/report.h"

/* How often which sigma was seen, in tenths of a point; the last step is all above. */
enum { SIGMA_STEPS = 4096 };
struct sigma_counts {
    uint64_t n;
    double sum_pct;
    uint32_t of[SIGMA_STEPS];
};
double sigma_mean_pct(const struct sigma_counts *counts); /* 0 where there is none */
/* That which this share of all does not exceed, to a tenth of a point. */
double sigma_quantile_pct(const struct sigma_counts *counts, double share);

/* The whole run, for the closing summary. */
struct vcpu_summary {
    uint64_t intervals, moves, plans, failed, gone, overruns;
    char at[CLOCK_TEXT_SIZE]; /* time of day of the last interval; empty in virtual time */
    uint64_t harmful;         /* plans, or parts of them, that would have made something worse */
    double t_s;
    bool dry_run;  /* nothing was changed: moves are those of the last plan that had any */
    bool measured; /* some interval had a balance to measure */
    double sigma_first_pct, sigma_last_pct, sigma_bound_pct;
    double sigma_wanted_pct; /* what the last plan with moves would have reached */
    struct sigma_counts sigmas;
    /* CPU time of guests, where the host is a simulated one: what they wanted and did not get. */
    bool is_served_known;
    double wanted_s, unserved_s;
    /* Sums over those intervals; divide by n_waiting. */
    double waiting, waiting_expected, waiting_floating;
    uint64_t n_waiting;
    bool solved; /* the last plan that came from a solve: */
    enum solve_status status;
    enum placement_method method;
    double objective, bound, gap;
    char note[sizeof(((struct vcpu_plan *)0)->note)]; /* of the last interval */
};

struct guest_track {
    struct guest_id guest;
    uint64_t first_kib, last_kib;
    uint64_t lowest_unused_kib; /* UINT64_MAX: the guest never told */
    bool present;               /* in the last interval */
};
struct memory_summary {
    uint64_t
        guest_unused_kib; /* what every guest is to keep unused; set before the first interval */
    char at[CLOCK_TEXT_SIZE]; /* as above */
    uint64_t intervals, reclaims, grants, failed, gone, overruns;
    double t_s;
    bool dry_run; /* nothing was changed: reclaims and grants are those of the last plan with any */
    struct guest_track *guests; /* owned, in the order of appearance: those with a row of their own,
                                   then those that are there */
    size_t n_guests;
    uint64_t lowest_free_kib, reserve_kib;
    uint64_t guest_intervals, under; /* of guests that told, and of those: kept less than that */
    uint64_t moved_kib;              /* sizes that changed, up and down */
    uint64_t calls;
    bool is_refused_known; /* the host is a simulated one: */
    uint64_t refused;      /* allocations in guests that were below their maximum */
    bool solved;
    enum solve_status status;
    double objective, bound, gap;
};

/* In percent of what guests wanted; NAN where that is not known. */
double vcpu_summary_unserved_pct(const struct vcpu_summary *summary);
void vcpu_summary_add(struct vcpu_summary *summary, const struct vcpu_plan *plan,
                      const struct interval *interval);
/* In percent of the guest-intervals; NAN where no guest told. */
double memory_summary_under_pct(const struct memory_summary *summary);
/* 0 or -ENOMEM: the summary then misses new guests. */
int memory_summary_add(struct memory_summary *summary, const struct memory_sample *sample,
                       const struct memory_plan *plan, const struct interval *interval);
void memory_summary_done(struct memory_summary *summary);

#endif
