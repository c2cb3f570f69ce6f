/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_REPORT_H
#define EVENKEEL_AGENT_REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "agent/base/apply.h"
#include "planner/base/plan.h"

/* What an interval was, beside its sample and its plan. */
struct interval {
    uint64_t number; /* from 1 */
    double t_s;      /* since the first sample */
    uint64_t at_ns;  /* the same on the samples' clock */
    double solve_ms; /* wall time of the planner's step */
    uint64_t overruns;
    struct tally tally;
    bool dry_run;
};

/* An instant of the samples' clock on the scale of t_s; what was before the first sample is 0. */
double interval_time_s(const struct interval *interval, uint64_t at_ns);

/* The whole run, for the closing summary. */
struct vcpu_summary {
    uint64_t intervals, moves, plans, failed, gone, overruns;
    double t_s;
    bool measured; /* some interval had a balance to measure */
    double sigma_first_pct, sigma_last_pct, sigma_bound_pct;
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
    struct guest_track *guests; /* owned, in the order of appearance */
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

/* Text for people. One "key=value" line per interval, then a table, then each change with its
 * reason. Tables of more than REPORT_ROWS rows show the extremes only, unless verbose. */
#define REPORT_ROWS 40
void vcpu_report(FILE *out, bool verbose, const struct vcpu_sample *sample,
                 const struct vcpu_plan *plan, const struct interval *interval);
void vcpu_report_summary(FILE *out, const struct vcpu_summary *summary);
void memory_report(FILE *out, bool verbose, bool explain, const struct memory_sample *sample,
                   const struct memory_plan *plan, const struct interval *interval);
void memory_report_summary(FILE *out, const struct memory_summary *summary);

/* Whether the guest's unused memory is known and believed; reading may be NULL. */
bool report_knows_unused(const struct memory_reading *reading, const struct memory_place *place);
/* "12.3", or "-" where the number is not finite. */
const char *report_number(double value, int digits, char *text, size_t size);

#endif
