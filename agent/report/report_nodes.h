/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_REPORT_NODES_H
#define EVENKEEL_AGENT_REPORT_REPORT_NODES_H

#include <jansson.h>
#include <stdio.h>

#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* Where guests' memory lies, on a host of several nodes above level pcpu; else nothing. */

/* A line: what running is lost to memory on other nodes, and of how many guests nobody tells. */
void report_nodes(FILE *out, const struct vcpu_plan *plan);

/* The same with the nodes of each guest that are known. NULL: out of memory. */
json_t *report_nodes_json(const struct vcpu_sample *sample, const struct vcpu_plan *plan);

/* "82 % on node 1, 18 % on node 0", or that it is not known; and to which nodes it is bound. */
void report_nodes_of_guest(const struct guest_memory *memory, char *ret, size_t size);

#endif
