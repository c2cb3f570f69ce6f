/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_REPORT_MOVES_H
#define EVENKEEL_AGENT_REPORT_REPORT_MOVES_H

#include <jansson.h>

#include "planner/base/plan.h"

/* What a plan changes, for scripts: vCPUs; threads that are no vCPUs, and what those of each guest want.
 * NULL without memory. */
json_t *report_moves(const struct vcpu_plan *plan);
json_t *report_helpers(const struct vcpu_sample *sample, const struct vcpu_plan *plan);
json_t *report_helper_moves(const struct vcpu_plan *plan);

#endif
