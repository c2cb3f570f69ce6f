/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_START_H
#define EVENKEEL_PLANNER_FLEET_START_H

#include "models/packing/packing.h"
#include "planner/fleet/items.h"
#include "planner/fleet/settled.h"

/* Who runs at all, and a placement to begin with that keeps every rule: as few guests stopped as can be
 * (models/packing/packing.h). Whoever runs where it may is never stopped. Where sizes overdraw hosts
 * already so far that no plan has room for all who run, hosts keep what they have now. Where a guest
 * that is to be started, or to leave a closed host, would stop others of its set, it is left out, as few
 * as that takes. Guests whose rules contradict each other are left where they are. */
struct start {
    struct settled *settled; /* the fleet that the items are of */
    struct items items;
    int *at;             /* [items.n] owned; bin, -1: stopped, or has to leave in vain */
    bool *left_out;      /* [n_guests] owned; guests for whom nothing is done, in no item */
    bool keeps_overfull; /* hosts have more room than they should, as much as is used */
    int conflict;   /* a guest that would have to be stopped although it may run where it is, when
                   * that had no end; or -1 */
    bool is_packed; /* somebody has to be placed, and `packing` is about the items */
    struct packing_solution packing;
    struct work work;
};

/* 0 or -ENOMEM. */
int start_make(const struct fleet *fleet, const struct work *limits, struct start *ret);
void start_done(struct start *start);

/* The items and what they need, for models/packing: `at` [n] is where they run. */
enum packing_what { PACKING_PLAN, PACKING_RESTART };
struct packing_question {
    struct packing_problem problem;
    struct arena arena;
};
int packing_question_new(const struct items *items, const int *at, enum packing_what what,
                         struct packing_question *ret);
void packing_question_done(struct packing_question *question);

#endif
