/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_CHECK_N1_H
#define EVENKEEL_PLANNER_FLEET_CHECK_N1_H

#include "planner/fleet/fleet.h"

/* Part of fleet_check() (check.h): what is told of losing a host is not known to be wrong. Each open host
 * is there once; who is named ran there; a host that is safe or needs moves names nobody, and its guests
 * fit by their sums, and each by itself, into what the others have left. 0, -ENOMEM, or -EINVAL with the
 * sentence. */
int check_n1(const struct fleet *fleet, const struct fleet_plan *plan, struct err *err);

#endif
