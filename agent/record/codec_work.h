/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_RECORD_CODEC_WORK_H
#define EVENKEEL_AGENT_RECORD_CODEC_WORK_H

#include <jansson.h>

#include "models/base/work.h"
#include "planner/base/err.h"
#include "planner/base/plan.h"

/* struct work in a recording: its limits in the settings, its counts in a plan. */
json_t *work_limits_to_json(const struct work *work);
int work_limits_from_json(const json_t *json, struct work *ret, struct err *err);
json_t *work_counts_to_json(const struct work *work);

/* What GLPK was asked in a plan, without the time: that is no part of a decision. */
json_t *plan_solver_to_json(const struct plan_solver *solver);

#endif
