/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_DEMANDS_H
#define EVENKEEL_TESTS_BENCH_DEMANDS_H

/* What the vCPUs of a host wanted, interval after interval, as text: a line with the numbers of vCPUs,
 * pCPUs, rows for each interval and intervals, more numbers that say nothing here, and then a line of
 * permille for each row. */
struct demands {
    int n, m, n_rows;
    int *permille; /* [n_rows * n], the caller's */
};

/* Ends the process with 2 when there is no such file. */
struct demands demands_read(const char *path);

#endif
