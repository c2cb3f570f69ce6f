/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_TRACE_HOST_H
#define EVENKEEL_TESTS_BENCH_TRACE_HOST_H

#include "planner/vcpu/planner.h"
#include "tests/bench/trace.h"

/* A host that plays a trace: single-vCPU guests that are pinned, or float. A full pCPU is shared
 * fairly, and nobody catches up later. What floats shares what the pinned ones leave over, without
 * any loss, which no real kernel reaches. */
enum { FLOATS = -1 };

struct trace_host {
    const struct trace *trace;
    int interval;                 /* the next one to be played */
    int *place;                   /* [n] pCPU, or FLOATS */
    bool floats;                  /* everybody did at the start: pins are the planner's own */
    uint64_t *ran_ns, *waited_ns; /* [n] since the start */
    uint64_t *busy_ns;            /* [m] since the start */
    /* Of the interval that was played last: */
    double *demand;         /* [n] the truth, mean share of a pCPU */
    double *used;           /* [n] what it ran */
    double *seen;           /* [n] what can be known from outside: used / (1 - waited) */
    double unserved;        /* demand that found no room, in pCPUs */
    double ran_s, waited_s; /* sums over the vCPUs */
};

/* Everybody is pinned at random, by the trace's seed, or floats. */
struct trace_host trace_host_new(const struct trace *trace, bool floats);
void trace_host_done(struct trace_host *host);

/* Plays an interval. False: the trace is over. */
bool trace_host_advance(struct trace_host *host);

/* Standard deviation of the loads that are wanted of the pCPUs, in points; what floats is spread
 * evenly. */
double trace_host_sigma(const struct trace_host *host);

/* What libvirt would tell now. vcpu_sample_done() is the caller's. */
struct vcpu_sample trace_host_sample(const struct trace_host *host);
/* Carries the plan's pins and releases out; returns how many. */
int trace_host_obey(struct trace_host *host, const struct vcpu_plan *plan);

#endif
