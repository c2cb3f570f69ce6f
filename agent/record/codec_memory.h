/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_RECORD_CODEC_MEMORY_H
#define EVENKEEL_AGENT_RECORD_CODEC_MEMORY_H

#include <jansson.h>

#include "planner/base/err.h"
#include "planner/memory/planner.h"

/* As codec_vcpu.h, for the memory side. */
json_t *memory_settings_to_json(const struct memory_settings *settings);
int memory_settings_from_json(const json_t *json, struct memory_settings *ret, struct err *err);
json_t *memory_sample_to_json(const struct memory_sample *sample);
int memory_sample_from_json(const json_t *json, struct memory_sample *ret, struct err *err);
json_t *memory_plan_to_json(const struct memory_plan *plan);

#endif
