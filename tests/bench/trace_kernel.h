/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_TRACE_KERNEL_H
#define EVENKEEL_TESTS_BENCH_TRACE_KERNEL_H

#include "planner/vcpu/settings.h"
#include "tests/bench/trace.h"

/* A trace on the simulated host, whose kernel moves floating vCPUs about, and the scheduler with its
 * own loop there. Everybody floats at first. */
struct kernel_run {
    const struct trace *trace;
    int warm_up;                          /* intervals that do not count */
    const struct vcpu_settings *settings; /* NULL: nobody plans */
    /* Calls with the standard deviation of what pCPUs ran in an interval, in points. */
    void (*watch)(void *arg, double sigma_pct);
    void *arg;
    /* Results, of what counts: */
    double wanted_s, unserved_s, ran_s, waited_s, moves;
    int n_intervals;
};

/* Ends the process where it cannot be played. */
void trace_kernel_run(struct kernel_run *run);

#endif
