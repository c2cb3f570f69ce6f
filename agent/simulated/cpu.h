/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_CPU_H
#define EVENKEEL_AGENT_SIMULATED_CPU_H

#include "agent/simulated/state.h"

/* vCPUs on pCPUs. */

void cpu_step(struct simulated *world, double step_ns);
void cpu_noise(struct simulated *world);
/* What else runs on a pCPU now, in shares. */
double cpu_background(const struct pcpu_state *pcpu);
/* The work that a vCPU gets done in its time where it is, per time of a pCPU that nothing slows: a
 * slow pCPU, busy siblings, memory on other nodes. */
double cpu_speed(const struct simulated *world, const struct vcpu_state *vcpu);
/* How crowded a pCPU is: its load, and half of what its siblings do. */
double cpu_crowd(const struct simulated *world, size_t pcpu);
/* The least crowded pCPU of its affinity; n_pcpus where all of them are offline. */
size_t cpu_least_loaded(const struct simulated *world, const struct vcpu_state *vcpu);
void cpu_move(struct simulated *world, struct vcpu_state *vcpu, size_t to);
/* Moves it to where it may run, if it is elsewhere. */
void cpu_place(struct simulated *world, struct vcpu_state *vcpu);
/* Cuts the claims of the guest's threads to its quotas. */
void cpu_limit(struct simulated *world, size_t guest);
/* Each pCPU's level, from its load and the claims on it. */
void cpu_find_levels(struct simulated *world);
/* How fast each thread of a core is, from the loads. */
void cpu_find_speeds(struct simulated *world);
/* It ran so long where it is. */
void cpu_ran(struct simulated *world, struct vcpu_state *vcpu, double ns);
/* Takes down what a vCPU wanted of pCPUs and what it got; others than guests' do not count. */
void cpu_count(struct simulated *world, const struct vcpu_state *vcpu, double wanted_ns,
               double served_ns);
bool cpu_is_running(const struct simulated *world, const struct vcpu_state *vcpu);

#endif
