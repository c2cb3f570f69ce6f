/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SHAPE_H
#define EVENKEEL_AGENT_SIMULATED_SHAPE_H

#include "agent/simulated/state.h"

/* Where pCPUs are in the host's shape and how far guests' memory is from there. Without a topology
 * each pCPU is a core, and all are on one cache and one node. pCPUs and guests are there. 0 or
 * -ENOMEM. */
int shape_begin(struct simulated *world);

#endif
