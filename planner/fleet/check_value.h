/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_CHECK_VALUE_H
#define EVENKEEL_PLANNER_FLEET_CHECK_VALUE_H

#include "planner/fleet/fleet.h"

/* Part of fleet_check() (check.h): deviations, the weight of a point, objective, bound and gap, counted
 * again. 0, -ENOMEM, or -EINVAL with the sentence. */
int check_value(const struct fleet *fleet, const struct fleet_settings *settings,
                const struct fleet_plan *plan, struct err *err);

#endif
