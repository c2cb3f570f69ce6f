/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_REPORT_JSON_H
#define EVENKEEL_AGENT_REPORT_REPORT_JSON_H

#include <jansson.h>

#include "agent/report/report.h"
#include "agent/report/summary.h"

/* The interval as one object for programs; the keys are documented in the manual pages and stay.
 * Loads are per cent, memory is KiB, a number that is not finite is null, and so is the pCPU that a
 * floating vCPU comes from. A new reference, or NULL without memory. */
json_t *report_json_vcpu(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                         const struct interval *interval);
/* {"summary": ...}, after the last interval. */
json_t *report_json_vcpu_summary(const struct vcpu_summary *summary);
json_t *report_json_memory_summary(const struct memory_summary *summary);
json_t *report_json_memory(const struct memory_plan *plan, const struct interval *interval,
                           bool explain);

#endif
