/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_KEPT_SETS_H
#define EVENKEEL_MODELS_BOUND_KEPT_SETS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/placement/instance.h"

/* What a bin can keep of the items that are at home in it. For every weight that some kept set
 * has, it knows the least cost of keeping it and sending the others away. A bin with few items lists all
 * subsets; a bin with many solves a knapsack over the weights. */
enum { KEPT_SETS_FEW = 8 }; /* items whose subsets are listed */
struct kept_sets {
    const struct instance *in;
    int cells;     /* room of a knapsack row */
    int bin, n;    /* states of the last fill */
    int *weight;   /* [n] of the kept set */
    int32_t *cost; /* [n] of sending the others away */
    int *excess; /* [n] the least excess among the bin's items, if one that has any is kept; else 0,
                      * and for many always 0 */
    uint32_t *kept;  /* [n] bit k = own item k is kept; only for few */
    uint8_t *choice; /* [own * cells], only for many */
    int32_t *row, *spare;
    int32_t *halves; /* [2 * depth][cells] of kept_sets_each_away(); only for many */
};

/* What the tables of kept_sets_new() take for each cell of the knapsacks, about. */
int64_t kept_sets_bytes(const struct instance *in);
/* cells: one more than the largest weight that is ever asked for. 0 or -ENOMEM; the memory is the
 * arena's. */
int kept_sets_new(const struct instance *in, int cells, struct arena *arena, struct kept_sets *ret);
/* Fills in all states of bin p of weight <= most (< cells). Returns the knapsack cells touched. */
int64_t kept_sets_fill(struct kept_sets *sets, int p, const int *duals, int most);
/* One state instead: nobody is kept. */
void kept_sets_send_all(struct kept_sets *sets, int p, const int *duals);
/* Whether bin p has so many that a knapsack replaces the subsets. */
bool kept_sets_has_many(const struct kept_sets *sets, int p);
/* The same knapsack for such a bin on top of a pool: the least cost of every weight up to most that
 * kept and entering items have together, in *ret until the next call. Returns the cells touched. */
int64_t kept_sets_add_many(struct kept_sets *sets, int p, const int *duals, const int32_t *pool,
                           int most, const int32_t **ret);
/* What the others of such a bin cost on top of a pool at every weight up to most while one of its items is
 * away, in row: visit is called for each that is asked about [n]. Items are taken in by halves, each about
 * log2 times and not once for every other one. Returns the cells touched. */
int64_t kept_sets_each_away(struct kept_sets *sets, int p, const int *duals, const int32_t *pool,
                            int most, const bool *asked,
                            void (*visit)(void *arg, int away, const int32_t *row), void *arg);
/* Writes the kept items behind such a weight into ret; how many they are. The rest of the weight is
 * the pool's. */
int kept_sets_members_of_many(const struct kept_sets *sets, int weight, int *ret, int *ret_rest);
/* Writes the kept items of a state into ret. How many they are. */
int kept_sets_members(const struct kept_sets *sets, int state, int *ret);

#endif
