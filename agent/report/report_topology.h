/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_REPORT_TOPOLOGY_H
#define EVENKEEL_AGENT_REPORT_REPORT_TOPOLOGY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "planner/topology/bins.h"

/* The host's shape: the tree, the levels at which guests can be planned, what is excluded and why,
 * and where each part is from. */

/* all: each core has a line of its own. */
void report_topology(FILE *out, const struct topology *topology,
                     const struct topology_levels *levels, bool all);
/* A new reference, or NULL without memory. Lists of pCPUs are "0-3,8". */
json_t *report_topology_json(const struct topology *topology, const struct topology_levels *levels);

#endif
