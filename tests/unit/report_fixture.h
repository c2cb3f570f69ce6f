/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_REPORT_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_REPORT_FIXTURE_H

#include "agent/report/report.h"

/* Plans that are reported. */

static const uint64_t MIB = 1024;
enum { MANY = 100 }; /* pCPUs: more than a table shows */

/* Three vCPUs on pCPUs 2 and 7; the second moves, the third floats, a fourth is paused. */
struct vcpu_case {
    struct vcpu_reading readings[4];
    struct vcpu_place places[4];
    struct pcpu_load pcpus[MANY];
    struct vcpu_pin pin;
    struct vcpu_sample sample;
    struct vcpu_plan plan;
};

void report_case_vcpu(struct vcpu_case *c);

/* Two guests: one gives, one takes. */
struct memory_case {
    struct memory_reading readings[2];
    struct memory_place places[2];
    struct balloon_step reclaim, grant;
    struct memory_sample sample;
    struct memory_plan plan;
};

void report_case_memory(struct memory_case *c);

extern const struct interval report_case_interval;
/* The report, to be freed. */
char *report_case_text(const struct vcpu_case *c, enum report_detail detail);
void report_case_has(const char *text, const char *part);

#endif
