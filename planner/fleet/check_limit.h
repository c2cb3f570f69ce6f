/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_CHECK_LIMIT_H
#define EVENKEEL_PLANNER_FLEET_CHECK_LIMIT_H

#include "planner/fleet/fleet.h"

/* Part of check.h: a plan with more moves than the settings allow has none that could be left out alone. */
int check_limit(const struct fleet *fleet, const struct fleet_settings *settings,
                const struct fleet_plan *plan, struct err *err);

#endif
