/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_GUEST_LIFE_H
#define EVENKEEL_AGENT_SIMULATED_GUEST_LIFE_H

#include "agent/simulated/state.h"

/* A guest's beginning and end. */

/* seconds: how long until its driver is up; 0: it was there before the scenario began. */
void guest_life_boot(struct simulated *world, struct guest_state_now *guest, double seconds);
void guest_life_end(struct guest_state_now *guest);
/* A migrated guest begins to run, once it is time for that. */
void guest_life_arrive(const struct simulated *world, struct guest_state_now *guest);

#endif
