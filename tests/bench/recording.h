/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_RECORDING_H
#define EVENKEEL_TESTS_BENCH_RECORDING_H

#include <stddef.h>

/* Recorded load of guests, one value per step. Files may be compressed with gzip and have one of two
 * forms:
 *
 *   # step_s=300 series=1052      a line per guest: name, vCPUs, MiB, then values in permille of a
 *   vm1,2,8192,68,70,...          vCPU
 *
 *   at_s,guest,vcpu,pct           a line per change, in the order of time; no vCPU: all of them.
 *   0,vm1,0,6.8                   Further columns are not read. */
struct series {
    char name[64];
    int n_vcpus;
    double *value; /* [n_steps] share of a vCPU, 0..1 */
};

struct recording {
    double step_s;
    int n_series, n_steps;
    struct series *series;
};

/* Ends the process with 2 and a sentence when the file cannot be read. */
struct recording recording_read(const char *path);
void recording_done(struct recording *recording);

/* The text of a file, unpacked; free() is the caller's. */
char *recording_text(const char *path);

#endif
