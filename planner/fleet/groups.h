/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_GROUPS_H
#define EVENKEEL_PLANNER_FLEET_GROUPS_H

#include "planner/fleet/spread.h"

/* Fleets of more hosts than can be planned as one: groups of hosts, each planned for itself. Hosts are
 * sorted by their share of load and dealt like cards, there and back, so that each group's mean is the
 * fleet's. Guests stay in the group where they are to begin with, so every rule holds that holds there:
 * sets that are apart only meet where their hosts do, allowed hosts are those of the group, and guests
 * that are together are one item.
 *
 * kappa is shared among the groups. In a second round those that are more uneven get more of it, since
 * only the most uneven host of all counts. Of what each group was found, and of leaving it as it
 * is, the best combination is the plan. A limit of moves is for the most uneven groups first. */
size_t groups_deal(const struct items *items, const int *at, size_t most_hosts, int *group_of);

/* As spread_make(). */
int groups_make(const struct start *start, const struct fleet_settings *settings, double kappa,
                const struct work *limits, struct spread *ret);

#endif
