/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_REPORT_VCPU_H
#define EVENKEEL_AGENT_REPORT_REPORT_VCPU_H

#include "agent/report/summary.h"

/* Text for people, in 80 columns: one "key=value" line per interval, and where that has news a table, each
 * change with its reason, and a note. */
void report_vcpu(FILE *out, enum report_detail detail, const struct vcpu_sample *sample,
                 const struct vcpu_plan *plan, const struct interval *interval);
void report_vcpu_summary(FILE *out, const struct vcpu_summary *summary);

#endif
