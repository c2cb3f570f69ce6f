/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_REPORT_VCPU_H
#define EVENKEEL_AGENT_REPORT_REPORT_VCPU_H

#include "agent/report/summary.h"

/* Text for people. One "key=value" line per interval, then a table, then each change with its
 * reason. */
void report_vcpu(FILE *out, bool verbose, const struct vcpu_sample *sample,
                 const struct vcpu_plan *plan, const struct interval *interval);
void report_vcpu_summary(FILE *out, const struct vcpu_summary *summary);

#endif
