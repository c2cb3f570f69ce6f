/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_HOST_TOPOLOGY_H
#define EVENKEEL_AGENT_SIMULATED_HOST_TOPOLOGY_H

#include "planner/base/err.h"
#include "planner/topology/facts.h"

/* What a hypervisor tells now of the simulated host's shape, as struct host has it; self is the
 * struct simulated. */
int host_topology(void *self, struct topology_facts *ret, struct err *err);

#endif
