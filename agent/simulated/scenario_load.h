/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SCENARIO_LOAD_H
#define EVENKEEL_AGENT_SIMULATED_SCENARIO_LOAD_H

#include "agent/simulated/json_reader.h"
#include "agent/simulated/load_recording.h"
#include "agent/simulated/scenario.h"

/* The member "trace": reads the file that it names into scenario->load, and what a recording tells
 * of its host. NULL: there is none. 0, -EINVAL, -ENOMEM or what the reading of the file returns.
 * recorded_done() is due in each case. */
int scenario_trace_parse(struct scenario *scenario, json_t *trace,
                         const struct scenario_place *place, struct recorded *ret, struct err *err);
/* The member "generator"; *ret_guests are those that it is for where the scenario has none. NULL:
 * there is none. 0, -EINVAL or -ENOMEM. The host is known. */
int scenario_generator_parse(struct scenario *scenario, json_t *generator, json_t **ret_guests,
                             struct err *err);
/* An array as "guests" has it, of the guests of scenario->load. NULL: out of memory. */
json_t *scenario_load_guests(const struct scenario *scenario);
/* Finds the load's guests among the scenario's. 0, or -EINVAL with a sentence that names who is not
 * there. */
int scenario_load_resolve(struct scenario *scenario, struct err *err);

#endif
