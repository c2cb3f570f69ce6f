/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SCENARIO_EVENT_H
#define EVENKEEL_AGENT_SIMULATED_SCENARIO_EVENT_H

#include <jansson.h>

#include "agent/simulated/json_reader.h"
#include "agent/simulated/scenario.h"

/* One element of "events". 0, -EINVAL or -ENOMEM. */
int scenario_event_parse(json_t *json, int index, struct scenario_event *ret, struct err *err);
/* The members of a balloon's manner, as they stand in an event and in a guest; those that are absent
 * come from *fallback. */
void scenario_balloon(struct member *at, const struct balloon_manner *fallback,
                      struct balloon_manner *ret);

#endif
