/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_RUN_H
#define EVENKEEL_AGENT_FLEET_RUN_H

#include "agent/fleet/request.h"

/* One `apply` each so many seconds, as a process of its own: one that hangs or dies costs a round, and
 * whoever asks us to stop is not held up. Everything is told to the journal, to the service manager
 * and, where a file is given, to Prometheus. Returns the exit status. */
int run_rounds(const struct request *request);

#endif
