/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_NUMA_XML_H
#define EVENKEEL_AGENT_HOST_NUMA_XML_H

#include <stdbool.h>

#include "planner/base/sample.h"

/* What <numatune> says of the host's nodes. `strict` and `restrictive` bind memory to them; `preferred`
 * and `interleave` begin there, and go elsewhere where a node is full. A <memnode> says it for one cell
 * of the guest, <memory> for the others. It is bound as a whole where each cell is. */
struct numa_definition {
    bool has_policy;     /* some of it has one: the kernel does not move that after the vCPUs */
    bool has_huge_pages; /* which control groups do not count with the rest */
    /* Bound where it is; known where one node, or nodes in turn, are named for each cell. */
    struct guest_memory memory;
};

struct _xmlXPathContext; /* libxml's */
/* Of a live definition: it has what was changed while the guest runs. Where numad was asked for the
 * nodes nothing tells which. */
void numa_xml_read(struct _xmlXPathContext *context, struct numa_definition *ret);

#endif
