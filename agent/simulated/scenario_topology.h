/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SCENARIO_TOPOLOGY_H
#define EVENKEEL_AGENT_SIMULATED_SCENARIO_TOPOLOGY_H

#include <jansson.h>

#include "agent/simulated/scenario.h"

/* The members "topology" and "cpumap", each NULL where it is missing: sets scenario->topology, which
 * then has a CPU map and mentions every pCPU. 0, -EINVAL with a sentence, -ENOMEM, or -ECANCELED
 * when asked to stop. */
int scenario_topology_parse(struct scenario *scenario, const json_t *topology, const json_t *cpumap,
                            const struct scenario_place *place, struct err *err);

#endif
