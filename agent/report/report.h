/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_REPORT_H
#define EVENKEEL_AGENT_REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "agent/base/apply.h"
#include "agent/base/clock.h"
#include "planner/base/plan.h"

/* What the reports of both programs share. */

/* What the program itself took, until the end of an interval. */
struct interval_cost {
    double interval_s;  /* from one look to the next, as asked for */
    double took_s;      /* from the interval's begin to the end of its last change */
    double solve_cpu_s; /* CPU time of the planner's step */
    double cpu_s;       /* of the whole program, since it started */
    uint64_t resident_kib;
    uint64_t calls; /* to libvirt, since the session began */
};

/* What an interval was, beside its sample and its plan. */
struct interval {
    uint64_t number;          /* from 1 */
    double t_s;               /* since the first sample */
    uint64_t at_ns;           /* the same on the samples' clock */
    char at[CLOCK_TEXT_SIZE]; /* the time of day; empty in virtual time */
    double solve_ms;          /* wall time of the planner's step */
    uint64_t overruns;
    struct tally tally;
    bool dry_run;     /* nothing is changed ... */
    bool is_paused;   /* ... because an operator has everything paused, and for no other reason */
    bool asks;        /* guests that do not report their memory are asked to */
    bool knows_hands; /* what else moves guests on this host is known: */
    unsigned hands;   /* a set of enum hand (host/hands.h) */
    struct interval_cost cost;
};

/* How much of an interval is shown. */
enum report_detail {
    REPORT_LINE,    /* one line */
    REPORT_NOTE,    /* and why nothing is changed */
    REPORT_CHANGES, /* and each change */
    REPORT_TABLE,   /* and the table */
    REPORT_ALL,     /* of which nothing is left out, for --verbose */
};

/* "interval=4 at=03:12:07", or in virtual time "interval=4 t_s=6.0": what each interval's line begins
 * with. */
struct fold;
void report_interval(struct fold *fold, const struct interval *interval);
/* " failed=3 gone=1 overruns=2 dry_run=1", of what there is: what it ends with. */
void report_troubles(struct fold *fold, const struct interval *interval);
/* An instant of the samples' clock on the scale of t_s; what was before the first sample is 0. */
double interval_time_s(const struct interval *interval, uint64_t at_ns);

/* "##########|+++++     ": what ran, up to 100 %, and what is wanted beside it, behind the line that above
 * 100 %; '>' stands for more than 200 %. A dot is what would have run after the plan; 0: there is none. */
enum { REPORT_BAR_WIDTH = 10, REPORT_BAR_SIZE = 2 * REPORT_BAR_WIDTH + 2 };
void report_load_bar(int ran_permille, int wants_permille, int after_permille,
                     char ret[REPORT_BAR_SIZE]);

/* Tables of more rows show the extremes only, unless verbose. */
enum { REPORT_MAX_ROWS = 40 };

/* Whether the guest's unused memory is known and believed; reading may be NULL. */
bool report_has_unused(const struct memory_reading *reading, const struct memory_place *place);
/* "  solver=glpk model=compact rows=17 ...": what GLPK was asked, a line of its own. */
void report_solver(FILE *out, const struct plan_solver *solver);
/* "glpk" or "none". */
const char *report_solver_name(const struct plan_solver *solver);
/* "12.3", or "-" where the number is not finite. */
const char *report_number(double value, int digits, char *text, size_t size);

#endif
