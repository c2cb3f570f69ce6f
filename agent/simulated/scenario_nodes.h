/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SCENARIO_NODES_H
#define EVENKEEL_AGENT_SIMULATED_SCENARIO_NODES_H

#include "agent/simulated/json_reader.h"
#include "agent/simulated/scenario.h"

/* The member "memory_node" of a guest: a node's id, or an object of shares by id, of any sum. */
void scenario_nodes_parse(struct member *at, const struct scenario *scenario,
                          struct scenario_guest *ret);

#endif
