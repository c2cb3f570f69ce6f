/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_RECORD_CODEC_VCPU_H
#define EVENKEEL_AGENT_RECORD_CODEC_VCPU_H

#include <jansson.h>

#include "planner/base/err.h"
#include "planner/vcpu/planner.h"

/* Settings and samples of the vCPU side as JSON and back, without losing a bit: doubles have
 * 17 digits, what was not there is left out. agent/record/recording.md describes the members. Each
 * to_json returns a new reference, or NULL without memory; each from_json 0, -ENOMEM, or -EINVAL
 * with a sentence and *ret untouched. */
json_t *vcpu_settings_to_json(const struct vcpu_settings *settings);
int vcpu_settings_from_json(const json_t *json, struct vcpu_settings *ret, struct err *err);
json_t *vcpu_sample_to_json(const struct vcpu_sample *sample);
int vcpu_sample_from_json(const json_t *json, struct vcpu_sample *ret, struct err *err);

#endif
