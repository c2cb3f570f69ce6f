/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_MEASURE_H
#define EVENKEEL_PLANNER_FLEET_MEASURE_H

#include "models/placement/fair_share.h"
#include "planner/fleet/items.h"

/* What placements of a fleet are worth, however large it is: the models' arithmetic without a price for
 * each pair. Stopped items count nowhere, and which ones are stopped is the same in all placements. */
struct measure {
    const struct items *items;
    struct placement_problem problem; /* loads and capacities only */
    struct balance balance;
    int64_t *load; /* [m] */
    struct arena arena;
};

/* at [n]: who is stopped (-1) and who is not. 0 or -ENOMEM. *ret stays where it is. */
int measure_new(const struct items *items, const int *at, struct measure *ret);
void measure_done(struct measure *measure);

/* The largest deviation with loads cut, in points, of the bins of a group; group_of NULL: of all. */
double measure_cut_pct(struct measure *measure, const int *at, const int *group_of, int group);
int64_t measure_cost(const struct items *items, const int *at);
size_t measure_moves(const struct items *items, const int *at);
/* kappa * deviation + cost. */
double measure_objective(struct measure *measure, const int *at, double kappa);

/* As operators see it: guests' loads as they are, on the hosts [n_guests]; fixed ones that are in no
 * item count too, where their host is open. The fair share is of all who run on open hosts then. */
struct fleet_deviation measure_plain(const struct fleet *fleet, const int *host_of);

#endif
