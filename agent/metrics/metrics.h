/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_METRICS_METRICS_H
#define EVENKEEL_AGENT_METRICS_METRICS_H

#include "agent/base/log.h"
#include "agent/base/options.h"
#include "agent/report/report.h"

/* What a program tells a monitoring system. The loop hands over an interval's figures and goes on; they
 * become text in the thread of whoever wants it: the bus, or the one that writes the file. Nobody
 * asks libvirt for it. Counters count from the program's start, over all reloads. */
struct metrics;

struct metrics *metrics_new(enum program program); /* with one reference; NULL: no memory */
struct metrics *metrics_share(struct metrics *metrics);
void metrics_free(struct metrics *metrics); /* one reference less; NULL is none */

/* After an interval. metrics may be NULL. */
void metrics_tell_vcpu(struct metrics *metrics, const struct vcpu_sample *sample,
                       const struct vcpu_plan *plan, const struct interval *interval);
void metrics_tell_memory(struct metrics *metrics, const struct memory_sample *sample,
                         const struct memory_plan *plan, const struct interval *interval);
/* After one that failed, or while a hypervisor is waited for: what was told of guests is gone. */
void metrics_tell_trouble(struct metrics *metrics, const struct interval_cost *cost);

/* The text, malloc'ed; NULL without memory. Any thread may ask. */
char *metrics_text(struct metrics *metrics);

#endif
