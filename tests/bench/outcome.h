/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_OUTCOME_H
#define EVENKEEL_TESTS_BENCH_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

/* What a policy made of some traces, from {0} on. */
struct series_of {
    double *value;
    size_t n, room;
};

struct outcome {
    struct series_of sigma, ms;
    double demand, unserved, ran_s, waited_s, moves;
    int n_intervals, n_solved, n_certified;
};

void outcome_add(struct series_of *series, double value);
void outcome_done(struct outcome *outcome);

struct outcome_label {
    const char *policy;
    int n, m, first_seed, last_seed;
    bool has_plans; /* that were timed here */
    bool json;
};
/* One row of the table, or one object. */
void outcome_print(const struct outcome_label *label, struct outcome *outcome);

#endif
