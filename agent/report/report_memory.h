/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_REPORT_MEMORY_H
#define EVENKEEL_AGENT_REPORT_REPORT_MEMORY_H

#include "agent/report/summary.h"

/* As report_vcpu.h; explain: each guest's reason for its size beside it. */
void report_memory(FILE *out, enum report_detail detail, bool explain,
                   const struct memory_sample *sample, const struct memory_plan *plan,
                   const struct interval *interval);
void report_memory_summary(FILE *out, const struct memory_summary *summary);

#endif
