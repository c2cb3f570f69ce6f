/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_TOPOLOGY_INTERVAL_H
#define EVENKEEL_TESTS_BENCH_TOPOLOGY_INTERVAL_H

#include "tests/bench/options.h"

/* The whole program on a simulated host of 512 pCPUs and 400 guests at --level auto: CPU time of this
 * thread for each interval, the solver's and all else's apart. Prints a row for each seed. */
void topology_interval(const struct options *options);

#endif
