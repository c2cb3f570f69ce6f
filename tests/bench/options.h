/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_OPTIONS_H
#define EVENKEEL_TESTS_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/bench/pace.h"
#include "tests/model/families.h"

enum { MAX_SIZES = 32 };

struct size {
    int n, m; /* vCPUs, pCPUs */
};

/* What the benchmarks have in common. */
struct options {
    struct size sizes[MAX_SIZES];
    size_t n_sizes;
    enum family family; /* FAMILIES: the eleven */
    enum placement_objective objective;
    int first_seed, last_seed;
    double limit_s, apart_points;
    bool has_sizes, json, counts, instructions, work, quiet;
    const char *demands;
    const char *program, *argument_name, *argument;
    struct pace *pace; /* the caller's, NULL: none is told */
};

/* Ends the process with 2 when an option makes no sense. argument_name: of the one argument that
 * must be given, or NULL when none may. */
void bench_options_parse(struct options *ret, int argc, char **argv, const char *doc,
                         const char *argument_name);
/* Runs of all sizes, families and seeds, by the vCPUs and pCPUs of each. */
double options_runs(const struct options *options);
double options_weight(struct size size);
const char *options_objective(const struct options *options);
/* CPU time that one solve may take. */
double options_limit_ms(const struct options *options, struct size size);

/* CPU time of this thread, and whether the moment in *end_ms is past: a stop() for struct work. */
double cpu_ms(void);
bool cpu_is_past(void *end_ms);

#endif
