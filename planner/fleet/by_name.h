/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_BY_NAME_H
#define EVENKEEL_PLANNER_FLEET_BY_NAME_H

#include "planner/fleet/fleet.h"

/* Indices of all hosts, or guests, in the order of their names, so that a plan does not depend on the
 * order in a document. ret [n]. 0 or -ENOMEM. */
int hosts_by_name(const struct fleet *fleet, int *ret);
int guests_by_name(const struct fleet *fleet, int *ret);

#endif
