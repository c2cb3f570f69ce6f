/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_CAPABILITIES_XML_H
#define EVENKEEL_AGENT_HOST_CAPABILITIES_XML_H

#include "planner/base/err.h"
#include "planner/topology/facts.h"

/* What libvirt says about the shape of a host. */

/* Adds cells, distances, pCPUs and cache banks of capabilities XML. 0, -ENOMEM, or -EINVAL with a
 * sentence where the text is no capabilities XML or beyond what Linux can have; topology_facts_done()
 * is due in each case. */
int capabilities_xml_parse(const char *xml, struct topology_facts *facts, struct err *err);

/* Adds the CPU map as virsh nodecpumap prints it, or that line alone: a letter for each pCPU, 'y'
 * online, '-' not. 0, or -EINVAL with a sentence. */
int cpu_map_parse(const char *text, struct topology_facts *facts, struct err *err);

#endif
