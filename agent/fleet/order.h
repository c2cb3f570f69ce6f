/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_ORDER_H
#define EVENKEEL_AGENT_FLEET_ORDER_H

#include "agent/fleet/cluster.h"

/* A plan that starts a guest which the engine starts only after another, and leaves that one stopped, is none:
 * the guest is fixed. Whether there was one, so that a plan is to be made again. */
bool order_heed(struct cluster *cluster, const struct fleet_plan *plan);

#endif
