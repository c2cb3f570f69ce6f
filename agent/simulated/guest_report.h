/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_GUEST_REPORT_H
#define EVENKEEL_AGENT_SIMULATED_GUEST_REPORT_H

#include "agent/simulated/state.h"

/* What a guest says about its memory, truthful or not. */

/* Takes the figures where their time has come. */
void guest_report_step(struct simulated *world, struct guest_state_now *guest);
/* Out of turn. */
void guest_report_now(const struct simulated *world, struct guest_state_now *guest);
void guest_report_read(const struct simulated *world, const struct guest_state_now *guest,
                       struct memory_reading *ret);

#endif
