/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_ACCEPT_ACCEPT_H
#define EVENKEEL_TESTS_ACCEPT_ACCEPT_H

#include "agent/base/progress.h"
#include "planner/base/err.h"
#include "planner/memory/planner.h"
#include "planner/vcpu/planner.h"
#include "tests/accept/picture.h"
#include "tests/accept/verdict.h"

/* One case in one shape at one interval. */
struct accept_case {
    char scenario[120]; /* as --simulate takes it */
    int number;
    bool memory;
    double interval_s;
    const struct vcpu_settings *vcpu;              /* NULL: the defaults */
    const struct memory_settings *memory_settings; /* likewise */
};

struct accept_report {
    FILE *lines;        /* a verdict line for each case */
    FILE *index;        /* index.html, or NULL */
    const char *folder; /* for pictures and per-sample tables, or NULL */
    bool verbose;       /* the tables also on standard output */
    unsigned passed, failed;
    struct progress progress;
    unsigned n_done; /* cases, also those that were not wanted */
};

/* Runs the case, prints its verdict and leaves its table and picture. 0, or why it could not
 * run. */
int accept_run(const struct accept_case *which, struct accept_report *report, struct err *err);

#endif
