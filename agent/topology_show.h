/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_TOPOLOGY_SHOW_H
#define EVENKEEL_AGENT_TOPOLOGY_SHOW_H

#include "agent/session.h"

/* --show-topology: asks the host for its shape once, and reports it. 0, or a negative errno with a
 * sentence. */
int topology_show(struct session *session, struct err *err);

#endif
