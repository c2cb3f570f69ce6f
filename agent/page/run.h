/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PAGE_RUN_H
#define EVENKEEL_AGENT_PAGE_RUN_H

#include <stdio.h>

#include "agent/base/options.h"
#include "agent/page/columns.h"

/* What is known of a program's run, as a page of it needs it: values over time in columns, and changes.
 * Its memory is bounded by the limits below, whatever it is filled from. */
enum {
    RUN_MAX_GUESTS = 2000,
    RUN_MAX_BINS = 1024,
    RUN_MAX_VERDICTS = 16,
    RUN_MAX_CHANGES = 1 << 14,
    RUN_SERIES = 4,
    RUN_NAME_SIZE = 160,
};

/* Of a scheduler, in percent of a pCPU; of a coordinator, in MiB. */
enum run_host { RUN_SIGMA, RUN_LEAST, RUN_WAITING };
enum run_host_memory { RUN_FREE, RUN_RESERVE, RUN_PROMISED, RUN_MISSING };
enum run_bin_value { RUN_LOAD, RUN_BACKGROUND, RUN_BIN_VALUES };
/* Around: how busy the pCPUs were where the guest's vCPUs were. */
enum run_guest_value { RUN_USED, RUN_WAITED, RUN_AROUND };
/* Lacks: what it needs beyond its size. */
enum run_guest_memory { RUN_SIZE, RUN_IN_USE, RUN_TARGET, RUN_LACKS };

struct run_bin {
    char name[RUN_NAME_SIZE];            /* pCPUs, as a list */
    struct cell *values[RUN_BIN_VALUES]; /* [MAX_COLUMNS] each */
};
struct run_guest {
    char key[RUN_NAME_SIZE];         /* by which it is known: its UUID or its name */
    char name[RUN_NAME_SIZE];        /* printable */
    struct cell *values[RUN_SERIES]; /* [MAX_COLUMNS] each, NULL: nothing is known */
    unsigned short *where; /* [MAX_COLUMNS] the pCPU, and one, where it waited most; 0: unknown */
    size_t n_changes;
};
struct run_change {
    double t_s;
    size_t guest;
    int bin; /* to which; -1: to none */
    bool would_be, failed;
    bool is_helper;            /* of an emulator or an I/O thread */
    unsigned thread;           /* whose pin it is, vCPU or I/O thread */
    const char *what, *reason; /* owned, printable */
};
struct run_verdict {
    char name[40];
    unsigned n[MAX_COLUMNS]; /* intervals */
};

struct run {
    enum program program;
    bool is_dated; /* t_s are seconds of the wall clock; else they begin at 0 */
    size_t n_intervals;
    double first_s, last_s;
    struct columns columns;
    size_t column; /* of the instant under way */
    struct cell host[RUN_SERIES][MAX_COLUMNS];
    struct run_bin *bins;
    size_t n_bins;
    struct run_guest *guests;
    size_t *by_key; /* [n_guests] */
    size_t n_guests, hint;
    struct run_verdict *verdicts;
    size_t n_verdicts;
    struct run_change *changes; /* a circle, the latest ones */
    size_t first_change, n_changes;
    uint64_t all_changes, kept_changes; /* ever, and those of them that were ever in the circle */
    /* What is not on the page, said on it. */
    bool has_more_guests, has_more_bins;
    uint64_t n_damaged;
    bool is_cut;
    bool
        is_of_minutes; /* what was decided in an interval is not known of each, but of the last in a minute */
    bool no_memory; /* something was left out for that */
};

/* width_s: of a column at first; above 0. NULL: no memory. */
struct run *run_new(enum program program, double width_s);
void run_free(struct run *run);

/* No column is shorter than that from now on: what comes is so far apart. */
void run_widen(struct run *run, double width_s);
/* Intervals until t_s, whose values come next, and what was decided in them. */
void run_begin(struct run *run, double t_s, size_t n_intervals);
void run_decided(struct run *run, const char *verdict, size_t n_intervals);
/* The place of a bin or a guest; it is new where it was not known. -1: there are too many. name is made
 * printable; a guest's is only looked at where it is new. */
int run_bin(struct run *run, const char *name);
int run_guest(struct run *run, const char *key, const char *name);
/* The same, where a name has to be made first: NULL while it is not known. */
struct run_guest *run_known(struct run *run, const char *key, size_t n);

void run_set_host(struct run *run, int series, double value);
void run_set_bin(struct run *run, int bin, enum run_bin_value series, double value);
void run_set_guest(struct run *run, int guest, int series, double value);
/* Where it waited, while it waited for as much as value. Before run_set_guest(). */
void run_set_where(struct run *run, int guest, unsigned pcpu, double value);

/* Takes copies of the texts, and the guest's place as run_guest() told it. */
void run_add_change(struct run *run, int guest, const struct run_change *change);
/* Bins that changes alone named, of which no load is known, are none of the host's: they go. */
void run_drop_bins(struct run *run);
/* The i-th oldest that is kept. */
struct run_change *run_change_at(const struct run *run, size_t i);

#endif
