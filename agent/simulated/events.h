/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_EVENTS_H
#define EVENKEEL_AGENT_SIMULATED_EVENTS_H

#include "agent/simulated/state.h"

/* Everything that the scenario does to the host from outside. */
void events_happen(struct simulated *world, const struct scenario_event *event);

#endif
