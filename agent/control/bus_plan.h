/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CONTROL_BUS_PLAN_H
#define EVENKEEL_AGENT_CONTROL_BUS_PLAN_H

#include <systemd/sd-bus.h>

#include "agent/control/ponder.h"
#include "agent/control/state.h"

/* The method Plan: one at a time, answered when it is ready. The thread of the bus alone uses this. */
struct bus_plan {
    sd_bus_message *call; /* NULL: nobody asks */
    struct pondering *pondering;
    struct scene *scene;
};

/* Takes a call "assa{st}": guests that are not there, pCPUs to keep free, floors in MiB. */
int bus_plan_ask(struct bus_plan *plan, struct control *control, sd_bus_message *call,
                 sd_bus_error *error);
/* Answers where it is ready; with is_ending in any case. */
void bus_plan_answer(struct bus_plan *plan, struct control *control, bool is_ending);

#endif
