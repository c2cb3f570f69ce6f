/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SCENARIO_CHECK_H
#define EVENKEEL_AGENT_SIMULATED_SCENARIO_CHECK_H

#include "agent/simulated/scenario.h"

/* What is well-formed and yet not meant: events for nobody, and a host that its guests overfill
 * before anything has happened. */

/* Whether event number `index` of the file is for some guest or program, and for a vCPU of it. 0, or
 * -EINVAL with the sentence. */
int scenario_check_event(const struct scenario *scenario, const struct scenario_event *event,
                         int index, struct err *err);

/* Without memory_mib the host gets what its guests need, the usual size at least. With it they have
 * to fit: 0, or -EINVAL with the sentence. */
int scenario_check_memory(struct scenario *scenario, struct err *err);

#endif
