/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_MEMORY_H
#define EVENKEEL_AGENT_SIMULATED_MEMORY_H

#include "agent/simulated/state.h"

/* One guest's memory. */

void memory_step(struct simulated *world, struct guest_state_now *guest, double step_s);
void memory_request_balloon(struct simulated *world, struct guest_state_now *guest,
                            double target_kib);
double memory_free_kib(const struct guest_state_now *guest);
/* The program frees everything and ends. */
void memory_end_program(struct guest_state_now *guest);
/* Another amount of memory in use beside the program, at once. */
void memory_use(struct guest_state_now *guest, double used_kib);

#endif
