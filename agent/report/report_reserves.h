/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_REPORT_RESERVES_H
#define EVENKEEL_AGENT_REPORT_REPORT_RESERVES_H

#include <jansson.h>
#include <stdio.h>

#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* The vCPUs for which their definitions reserve capacity, and where the plan keeps it: a line each, in the
 * order of the rows; NULL is none. */
struct order_row;
void report_reserves(FILE *out, const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                     const struct order_row *rows);
/* The same as an array; NULL: out of memory. */
json_t *report_reserves_json(const struct vcpu_sample *sample, const struct vcpu_plan *plan);

#endif
