/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SCENARIO_GUEST_H
#define EVENKEEL_AGENT_SIMULATED_SCENARIO_GUEST_H

#include "agent/simulated/json_reader.h"
#include "agent/simulated/scenario.h"

enum { SCENARIO_MAX_GUESTS = 10000, SCENARIO_MAX_VCPUS = 512 };

/* The arrays "guests" and "programs", whose elements are added to the scenario; its host is known.
 * NULL: none. 0, -EINVAL or -ENOMEM. */
int scenario_guests_parse(struct scenario *scenario, json_t *array, struct err *err);
int scenario_programs_parse(struct scenario *scenario, json_t *array, struct err *err);

#endif
