/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_SLICE_H
#define EVENKEEL_PLANNER_FLEET_SLICE_H

#include "models/placement/problem.h"
#include "planner/fleet/items.h"

/* A part of a fleet as a placement problem: the bins of one group, and the items that are placed there
 * to begin with. */
struct slice_how {
    const int *at;       /* [items.n] where items are to begin with; -1: in no problem */
    const int *group_of; /* [items.m], or NULL: all bins are one group */
    int group;
    /* Price units per point of D. A fraction is kept by counting prices and it several times. 0: loads
     * do not count. */
    double kappa;
    int move_charge; /* added to the price of each guest's move, in counted prices */
    bool only_moves; /* each guest's move costs 1, whatever its price is */
};

struct slice {
    struct placement_problem problem;
    int n, m;
    int *item, *bin; /* [n], [m] indices of the items and bins */
    int times;       /* prices are counted so many times */
    struct arena arena;
};

/* 0 or -ENOMEM. The items must outlive it. */
int slice_new(const struct items *items, const struct slice_how *how, struct slice *ret);
void slice_done(struct slice *slice);
/* A value of the problem's solution in price units. */
double slice_price(const struct slice *slice, double points);

#endif
