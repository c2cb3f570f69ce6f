/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_PRESENT_H
#define EVENKEEL_PLANNER_FLEET_PRESENT_H

#include "planner/fleet/fleet.h"

/* How it is, whatever is planned: the deviation before, from the fair share of what runs on open hosts
 * now, and N-1 of those who run. Who is to be together and runs apart is restarted where one of its set
 * is. Fills plan->before, n1_before and n_n1. 0 or -ENOMEM. */
int present_look(const struct fleet *fleet, const struct fleet_settings *settings,
                 struct fleet_plan *plan);

#endif
