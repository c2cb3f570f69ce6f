/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_COST_H
#define EVENKEEL_AGENT_BASE_COST_H

#include <stdint.h>

/* What this process costs its host. */
double cost_cpu_s(void);          /* CPU time of all its threads, since it started */
double cost_thread_cpu_s(void);   /* of the calling thread */
uint64_t cost_resident_kib(void); /* host memory that it holds; 0: the kernel does not tell */

#endif
