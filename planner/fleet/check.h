/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_CHECK_H
#define EVENKEEL_PLANNER_FLEET_CHECK_H

#include "planner/fleet/fleet.h"

/* The gate between planning and telling. It uses nothing of the code that makes plans, and counts
 * everything again from the picture:
 * - each guest is on one open host that it may use, or is stopped; fixed ones are where they were;
 * - nobody who runs where it may is stopped;
 * - no host has more of a resource than its room, or, where that was so before, more than before;
 * - sets that are apart are, sets that are together are, as far as they are not fixed otherwise or at odds;
 *   those are where they were, and in some rule about others;
 * - moves are exactly the difference, each with its price, and stopped guests are all told;
 * - where more are moved than the limit says, none of them could be left where it is alone;
 * - deviations, price and objective are right, the plan is no dearer than changing nothing where that is
 *   possible, and no cheaper than its bound;
 * - a host of N-1 that is safe is not known to lack room, and guests that are named ran there.
 * 0, -ENOMEM, or -EINVAL with the sentence. */
int fleet_check(const struct fleet *fleet, const struct fleet_settings *settings,
                const struct fleet_plan *plan, struct err *err);

#endif
