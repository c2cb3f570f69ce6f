/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_WORLD_H
#define EVENKEEL_AGENT_SIMULATED_WORLD_H

#include "agent/simulated/state.h"

/* The simulated host as a whole: making it, and letting time pass. */

/* Takes the scenario over, also on failure. NULL: out of memory. */
struct simulated *world_new(struct scenario *scenario);
void world_free(struct simulated *world);
/* Runs until then, events and watcher included, or until a stop is asked. */
void world_advance(struct simulated *world, uint64_t until_ns);

#endif
