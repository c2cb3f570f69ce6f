/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_SUMMARY_H
#define EVENKEEL_AGENT_REPORT_SUMMARY_H

#include "agent/report/report.h"

/* The whole run, for the closing summary. */
struct vcpu_summary {
    uint64_t intervals, moves, plans, failed, gone, overruns;
    double t_s;
    bool dry_run;  /* nothing was changed: moves are those of the last plan that had any */
    bool measured; /* some interval had a balance to measure */
    double sigma_first_pct, sigma_last_pct, sigma_bound_pct;
    double sigma_wanted_pct; /* what the last plan with moves would have reached */
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
    uint64_t intervals, reclaims, grants, failed, gone, overruns;
    double t_s;
    bool dry_run; /* nothing was changed: reclaims and grants are those of the last plan with any */
    struct guest_track *guests; /* owned, in the order of appearance: those with a row of their own,
                                   then those that are there */
    size_t n_guests;
    uint64_t lowest_free_kib, reserve_kib;
    bool solved;
    enum solve_status status;
    double objective, bound, gap;
};

void vcpu_summary_add(struct vcpu_summary *summary, const struct vcpu_plan *plan,
                      const struct interval *interval);
/* 0 or -ENOMEM: the summary then misses new guests. */
int memory_summary_add(struct memory_summary *summary, const struct memory_sample *sample,
                       const struct memory_plan *plan, const struct interval *interval);
void memory_summary_done(struct memory_summary *summary);

#endif
