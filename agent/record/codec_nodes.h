/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_RECORD_CODEC_NODES_H
#define EVENKEEL_AGENT_RECORD_CODEC_NODES_H

#include <jansson.h>

#include "planner/base/sample.h"

/* Nodes in a recording, where their distances and guests' memory are known (recording.md). Reading
 * takes what is missing for unknown. NULL: out of memory; 0, -ENOMEM or -EINVAL. */
json_t *codec_nodes_shape(const struct vcpu_sample *sample);
int codec_nodes_read_shape(const json_t *shape, struct vcpu_sample *ret);
json_t *codec_nodes_memory(const struct guest_memory *memory);
int codec_nodes_read_memory(const json_t *json, struct guest_memory *ret);

#endif
