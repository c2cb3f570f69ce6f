/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SESSION_WORLD_H
#define EVENKEEL_AGENT_SESSION_WORLD_H

#include "agent/session.h"

/* Opens the host that the options name, with its ticker: libvirt's, a simulated one or a recording.
 * A real one is locked against a second program; under a service manager it is waited for. 0, or a
 * negative errno with the sentence. */
int session_world_open(struct session *session, struct err *err);

/* How far what has an end is (agent/base/progress.h): a simulation, a replay. */
void session_world_tell(struct session *session);

#endif
