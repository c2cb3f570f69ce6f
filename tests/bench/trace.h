/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_TRACE_H
#define EVENKEEL_TESTS_BENCH_TRACE_H

#include "tests/bench/options.h"
#include "tests/bench/recording.h"

/* What n vCPUs want of m pCPUs, interval by interval, in so many parts of each. */
struct trace {
    int n, m, n_parts, n_intervals, seed;
    double interval_s;
    double *demand; /* [(interval * n_parts + part) * n + vcpu] share of a pCPU, 0.001..1 */
};

struct trace_wish {
    struct size size;
    int seed;
    double load_pct; /* of the pCPUs, on average; 0: vCPUs are taken as they come */
    double interval_s;
    int n_intervals;
};

/* From recordings. One with steps as short as the interval is played as it is, step by step, each
 * recording from a moment of its own. One with longer steps is compressed: a step takes ten
 * intervals, values between are interpolated, and noise is added of the size that the recording
 * itself has (each value's distance from the middle of its neighbours), kept from one interval to
 * the next with probability 0.7. With a load, vCPUs are taken at random from the busiest ones that
 * have this load together. */
struct trace trace_of_recordings(const struct recording *recordings, size_t n,
                                 const struct trace_wish *wish);

/* From a table of demands in permille, a line per part, after "n m parts intervals interval_s
 * seed". Ends the process with 2 and a sentence when it is none. */
struct trace trace_of_table(const char *path);
bool trace_is_table(const char *path);

/* Made up, as agent/simulated/generator.h has it. */
struct trace trace_generated(const struct trace_wish *wish);

void trace_done(struct trace *trace);

static inline double trace_at(const struct trace *trace, int interval, int part, int vcpu)
{
    return trace->demand[((long)interval * trace->n_parts + part) * trace->n + vcpu];
}
/* The mean over the interval's parts. */
double trace_mean(const struct trace *trace, int interval, int vcpu);

#endif
