/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_ACCEPT_CPU_JUDGE_H
#define EVENKEEL_TESTS_ACCEPT_CPU_JUDGE_H

#include "tests/accept/cpu_monitor.h"
#include "tests/accept/verdict.h"

/* The win lines of the seven CPU cases. reference is the same scenario on a host that nobody
 * steers, its vCPUs pinned to the best placement there is: what is left there is noise, or cannot
 * be balanced away. note: what the program said in its last interval. Samples count from 0; sample
 * s covers the second from s to s + 1. */
void cpu_judge(int number, double interval_s, const struct cpu_record *record,
               const struct cpu_record *reference, const char *note, struct case_verdict *ret);

/* The demands of a sample as placement problem. Only full seconds count: from is the first sample
 * that begins after every program has started. */
size_t cpu_first_loaded(const struct cpu_record *record);
/* The sample in which some program last changed what it does, or 0. */
size_t cpu_last_change(const struct cpu_record *record, size_t before);

#endif
