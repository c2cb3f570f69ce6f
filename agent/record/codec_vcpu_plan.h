/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_RECORD_CODEC_VCPU_PLAN_H
#define EVENKEEL_AGENT_RECORD_CODEC_VCPU_PLAN_H

#include <jansson.h>

#include "planner/base/plan.h"

/* A plan as JSON, as codec_vcpu.h has samples; a replay compares it with its own. */
json_t *vcpu_plan_to_json(const struct vcpu_plan *plan);

#endif
