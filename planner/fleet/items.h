/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_ITEMS_H
#define EVENKEEL_PLANNER_FLEET_ITEMS_H

#include "models/base/arena.h"
#include "planner/fleet/fleet.h"

/* A fleet in the words of the models. Open hosts are bins. Guests that are to be together are one item:
 * loads and sizes add up, allowed hosts are those that all of them may use, and moving it costs what
 * moving each of its guests costs, whoever of them runs where. Bins and items are in the order of
 * names. Guests that nothing can be decided about are in no item: fixed ones that are stopped or on a
 * closed host. */
struct items {
    const struct fleet *fleet;
    int n, m, n_rooms;
    int *host;            /* [m] */
    int *bin_of_host;     /* [n_hosts] or -1 */
    int *first;           /* [n + 1] item i has the guests member[first[i]] ... */
    int *member;          /* by name */
    int *item_of;         /* [n_guests] or -1 */
    int *fixed_at;        /* [n] the bin where a fixed guest of it is, or -1 */
    bool *is_unplaceable; /* [n] it is to be with a guest that is fixed on a closed host */
    int *
        runs_at; /* [n] the bin of the first guest of it that runs, or -1: on closed hosts, or none */
    int *current;  /* [n] the bin where all of it that runs is and may be, or -1 */
    int *load;     /* [n] permille of the largest bin, at most 1000 */
    int *capacity; /* [m] permille of the largest bin */
    int *
        resource; /* [n_rooms] of the fleet: the fullest first, which is the one that bounds count */
    int *size;    /* [n * n_rooms] */
    int *room;    /* [m * n_rooms] at least what fixed guests take there */
    int n_apart;
    int *apart_first,
        *apart_item; /* as in struct placement_problem, but without those fixed together */
    struct arena arena;
};

/* guests that are left out are as if they were not there; NULL: none. keep_overfull: a bin has room at least for
 * who is there now. 0, -ENOMEM, or -EINVAL with a sentence where rules contradict each other. */
int items_new(const struct fleet *fleet, const bool *left_out, bool keep_overfull,
              struct items *ret, struct err *err);
void items_done(struct items *items);

bool items_may_run(const struct items *items, int i, int p);
/* Likewise after the loss of the bin where it is. */
bool items_may_restart(const struct items *items, int i, int p);
/* Whether it may make room for others after a loss: not who may be elsewhere only because its own host is lost. */
bool items_may_make_room(const struct items *items, int i);
/* Whether nobody knows if it can be restarted: it may then run nowhere else. */
bool items_is_unjudged(const struct items *items, int i);
/* What it costs to have the item in the bin, its present one included; and how many guests move. */
int items_price(const struct items *items, int i, int p);
int items_moves(const struct items *items, int i, int p);
/* How many guests of it have to be started. */
int items_starts(const struct items *items, int i);
static inline const struct fleet_guest *items_guest(const struct items *items, int k)
{
    return &items->fleet->guests[items->member[k]];
}
/* Whether a placement keeps all hard rules. at [n], -1: stopped, which breaks none. 0 or -ENOMEM. */
int items_keep_rules(const struct items *items, const int *at, bool *ret);

#endif
