/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SHAPE_H
#define EVENKEEL_AGENT_SHAPE_H

#include "agent/session.h"
#include "planner/topology/topology.h"

/* The host's shape, which is read when it is needed first, and again when pCPUs come online. */
struct shape {
    bool is_known;
    struct topology topology;
    uint64_t asked_ns; /* 0: never */
    bool is_told;      /* why it is not known */
};

/* Writes the shape into the sample, where it matters: above level pcpu, where cores have siblings, or
 * where a guest's memory is bound to some of several nodes.
 * Where a guest's other threads run matters above level pcpu on several nodes: else the sample forgets them.
 * A host that does not tell is asked again after a minute; that is said once. */
void shape_mark(struct shape *shape, struct session *session, struct vcpu_sample *sample);
void shape_done(struct shape *shape);

#endif
