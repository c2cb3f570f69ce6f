/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_SPREAD_H
#define EVENKEEL_PLANNER_FLEET_SPREAD_H

#include "planner/fleet/measure.h"
#include "planner/fleet/start.h"

/* Where everybody runs: least kappa * largest deviation + price of moves, from a placement that keeps
 * every rule and which stays a candidate. */
struct spread {
    int *at;      /* [items.n] owned */
    double bound; /* in price units: no placement of the same guests costs less */
    bool is_proven;
    enum placement_method method;
    size_t n_groups, n_groups_proven;
    struct work work;
    struct lp *lp;  /* owned: the compact model, or NULL */
    char note[300]; /* what went wrong or was not kept, or "" */
};

/* kappa in price units per point; 0: only what has to be done, as cheap as can be. limits: of this
 * step. 0 or -ENOMEM. */
int spread_make(const struct start *start, const struct fleet_settings *settings, double kappa,
                const struct work *limits, struct spread *ret);
void spread_done(struct spread *spread);

#endif
