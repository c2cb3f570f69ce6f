/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_BUILTIN_MEMORY_H
#define EVENKEEL_AGENT_SIMULATED_BUILTIN_MEMORY_H

#include <jansson.h>

#include "agent/simulated/variation.h"

/* A scenario for memory_coordinator: a new reference, or NULL (out of memory). */
json_t *builtin_memory(const struct variation *how);

#endif
