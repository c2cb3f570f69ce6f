/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_N1_H
#define EVENKEEL_PLANNER_FLEET_N1_H

#include "planner/fleet/items.h"

/* For each open host, by name: whether all who run there can be restarted on the others
 * (models/packing/restart.h). at [items.n]: where they are. *ret [items.m] is owned. 0 or -ENOMEM. */
int n1_make(const struct items *items, const int *at, size_t moves, const struct work *limits,
            struct fleet_n1 **ret);
void n1_free(struct fleet_n1 *n1, size_t n);

#endif
