/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_HOST_MEMORY_H
#define EVENKEEL_AGENT_SIMULATED_HOST_MEMORY_H

#include "agent/simulated/state.h"

/* The host's own memory. */

void host_memory_step(struct simulated *world);
double host_memory_free_kib(const struct simulated *world);
/* Free if every guest touched all that it holds or was promised. */
double host_memory_committed_free_kib(const struct simulated *world);

#endif
