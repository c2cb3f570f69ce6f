/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_BUILTIN_CPU_H
#define EVENKEEL_AGENT_SIMULATED_BUILTIN_CPU_H

#include <jansson.h>

#include "agent/simulated/variation.h"

/* A scenario for vcpu_scheduler: a new reference, or NULL (out of memory). */
json_t *builtin_cpu(const struct variation *how);

#endif
