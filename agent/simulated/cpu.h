/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_CPU_H
#define EVENKEEL_AGENT_SIMULATED_CPU_H

#include "agent/simulated/state.h"

/* vCPUs on pCPUs. */

void cpu_step(struct simulated *world, double step_ns);
void cpu_noise(struct simulated *world);
/* Takes down what a vCPU wanted of pCPUs and what it got; others than guests' do not count. */
void cpu_count(struct simulated *world, const struct vcpu_state *vcpu, double wanted_ns,
               double served_ns);
bool cpu_is_running(const struct simulated *world, const struct vcpu_state *vcpu);

#endif
