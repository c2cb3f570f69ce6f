/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_LOAD_PLAY_H
#define EVENKEEL_AGENT_SIMULATED_LOAD_PLAY_H

#include "agent/simulated/state.h"

/* The scenario's recorded or made-up load, as time passes. */

/* 0 or -ENOMEM. All vCPUs are there. */
int load_play_begin(struct simulated *world);
/* Brings demand and memory in use up to now. */
void load_play_step(struct simulated *world);
void load_play_end(struct simulated *world);

#endif
