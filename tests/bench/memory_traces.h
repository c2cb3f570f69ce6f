/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_MEMORY_TRACES_H
#define EVENKEEL_TESTS_BENCH_MEMORY_TRACES_H

/* "bench_traces memory": the coordinator and other rules on recorded memory. Returns the exit
 * status. */
int memory_traces(int argc, char **argv);

#endif
