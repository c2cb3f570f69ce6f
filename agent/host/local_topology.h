/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_LOCAL_TOPOLOGY_H
#define EVENKEEL_AGENT_HOST_LOCAL_TOPOLOGY_H

#include "planner/topology/facts.h"

/* What libvirt does not tell about a host and its kernel does; only where that host is this
 * machine. root as in root_file.h. */

/* Adds how fast those pCPUs are that facts mention; siblings of those that are in no cell, as none is
 * where the kernel knows no NUMA; and caches, where libvirt tells of no level 3: it leaves out those
 * without an id, as on ARM. Numbers that no pCPU has are forgotten. What cannot be read is not told.
 * 0 or -ENOMEM. */
int local_topology_read(const char *root, struct topology_facts *facts);

#endif
