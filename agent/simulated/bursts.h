/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_BURSTS_H
#define EVENKEEL_AGENT_SIMULATED_BURSTS_H

#include "agent/simulated/state.h"

/* vCPUs that work and sleep by turns instead of running evenly, so that they meet and wait below
 * full load as well, as planner/vcpu/waiting.h has it. */

void bursts_begin(struct simulated *world);
void bursts_step(struct simulated *world, double step_ns);

#endif
