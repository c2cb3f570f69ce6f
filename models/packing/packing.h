/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_PACKING_H
#define EVENKEEL_MODELS_PACKING_PACKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/base/work.h"

/* Which items run, where room is hard: guests on hosts today. Every item has a size in each resource,
 * every bin has room; items of one apart set are never together in a bin. As many items as can be are
 * in a bin, the others are stopped. All numbers are whole. */
struct packing_problem {
    size_t n_items, n_bins, n_rooms;
    const int *size;     /* [n_items * n_rooms] >= 0 */
    const int *room;     /* [n_bins * n_rooms] >= 0 */
    const bool *allowed; /* [n_items * n_bins], or NULL: everywhere */
    size_t n_apart;
    const int *apart_first; /* [n_apart + 1] members of set s: apart_item[apart_first[s] ...] */
    const int *apart_item;
    const int
        *current;     /* [n_items] the bin where it runs, even one where it may not be; -1: stopped;
                         * or NULL: nobody runs */
    const int *price; /* [n_items] >= 0, of moving one that runs; or NULL: 1 each */
    /* An item may be several that run apart from each other: what it costs to have it in a bin, home
     * included. [n_items * n_bins] >= 0, read of items that run, instead of price; or NULL. */
    const int *price_in;
    /* restart.h: as how many moves it counts when it makes room for others, 0: it never does, though
     * it may be restarted; [n_items], or NULL: 1 each. */
    const int *moves;
};

/* What says that no plan stops fewer. */
enum packing_reason {
    PACKING_NOBODY,     /* nobody is stopped */
    PACKING_TOO_LARGE,  /* they fit into no bin that they may use */
    PACKING_SUM,        /* one resource has less room than all of them need together */
    PACKING_HALVES,     /* of these no two fit into one bin, and there are more of them than bins */
    PACKING_APART,      /* an apart set has more members than bins */
    PACKING_WEIGHTS,    /* the weights alone, from the linear program of patterns */
    PACKING_EXHAUSTION, /* all plans were tried; the weights prove less than that */
};
const char *packing_reason_text(enum packing_reason reason);

/* Whole numbers that anybody can check: where no set of items that bin p can hold weighs more than
 * most[p], at least (sum of weight - sum of most) / scale items are stopped, rounded up, as each of
 * them weighs at most scale. Items with weight compete; the others could all be stopped for nothing. */
struct packing_certificate {
    enum packing_reason reason;
    int64_t *weight; /* [n_items] owned; 0 .. scale */
    int64_t *most;   /* [n_bins] owned */
    int64_t scale;   /* >= 1 */
    bool *is_short;  /* [n_rooms] owned; resources without whose limits it would not be proven */
};

struct packing_solution {
    int *bin_of; /* [n_items] owned; -1: stopped */
    size_t n_items;
    size_t n_stopped, least_stopped; /* the plan's, and what any that halts no more has at least */
    size_t n_halted;                 /* of n_stopped: those that run now */
    size_t n_moved;                  /* that run now and go elsewhere */
    int64_t move_cost;               /* their prices */
    bool is_proven;                  /* n_stopped == least_stopped */
    bool is_cheapest; /* no plan halts fewer, or as many and stops fewer or moves cheaper: proven */
    struct packing_certificate certificate; /* of least_stopped */
    struct work work;                       /* the caller's limits with the counts filled in */
};

/* Whoever runs goes on running wherever that is possible at all; then as few stopped as can be; then
 * without moves, or with cheap ones. Ties by index. Each search also has a limit of its own, so that it ends without any in
 * *limits. 0, -ENOMEM or -EINVAL; *ret is set only on 0. */
int packing_solve(const struct packing_problem *problem, const struct work *limits,
                  struct packing_solution *ret);
void packing_solution_done(struct packing_solution *solution);

/* -EINVAL when sizes, indices or sets make no sense; the solvers check with this themselves. */
int packing_problem_check(const struct packing_problem *problem);

/* How many items stay stopped whatever is done, recomputed from the certificate's numbers alone: one
 * knapsack for each kind of bin. -EINVAL where one of them is wrong, -ENOMEM. */
int64_t packing_certified(const struct packing_problem *problem,
                          const struct packing_certificate *certificate);

#endif
