/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_SETTLED_H
#define EVENKEEL_PLANNER_FLEET_SETTLED_H

#include "planner/fleet/fleet.h"

/* A fleet in which no rule contradicts another. Guests whose rules do are at odds: whoever of them runs
 * where it may is fixed there and bound to nobody, the others are left out, and everybody else can be
 * planned. */
struct settled {
    struct fleet fleet;               /* with guests of its own */
    struct fleet_guest *guests;       /* [n_guests] owned */
    bool *is_at_odds;                 /* [n_guests] owned */
    bool *is_out;                     /* [n_guests] owned: at odds, and not where it may run */
    struct fleet_conflict *conflicts; /* [n_conflicts] owned */
    size_t n_conflicts;
};

/* What the rules alone show: guests that are to be together and apart, or are fixed on different hosts, or
 * have no open host that all of them may use. 0 or -ENOMEM. */
int settled_new(const struct fleet *fleet, struct settled **ret);
void settled_free(struct settled *settled);

/* Whether a guest runs where it may: nobody has a reason to stop it. */
bool settled_runs_well(const struct fleet *fleet, const struct fleet_guest *guest);
/* A guest, and all that it is to be together with, is left where it is. Where no rule is about other guests
 * it is only fixed, and not at odds. 0 or -ENOMEM. */
int settled_leave(struct settled *settled, size_t guest);

#endif
