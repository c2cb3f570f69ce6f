/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_POOL_H
#define EVENKEEL_MODELS_BOUND_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "models/placement/instance.h"

/* The knapsack over all items that may enter a bin of one class, with what they are charged among
 * themselves for being of one group. The tables are the caller's. */
struct pool {
    const struct instance *in;
    int stride;       /* cells of a row at most */
    int32_t *least;   /* [stride] the least cost of an entering set of every weight */
    int32_t *floor;   /* [stride] the least of these over some width up to the cell */
    uint8_t *taken;   /* [n * stride] whether the item is in it, if those before may be (pool.c) */
    int32_t *spare;   /* [3 * stride] scratch */
    int *queue;       /* [stride] scratch */
    const int *order; /* [n_order] who was taken in, in this order; NULL: all, by crowd */
    int n_order;
};

/* The bin whose own items do not enter (-1: none), or are kept for their duals. */
struct pool_bin {
    int bin;
    bool keeps;
};

/* Fills in least and taken below `cells`, then floor over a width. */
void pool_fill(const struct pool *pool, const int *duals, int kind, struct pool_bin own, int cells);
void pool_fill_floor(const struct pool *pool, int width, int cells);

/* Writes the entering items behind such a weight into ret; how many. */
int pool_members(const struct pool *pool, int weight, int *ret);

/* What entering a bin of the class costs, and whether it is allowed. */
int32_t pool_entering_cost(const struct instance *in, int kind, const int *duals, int i);
bool pool_may_enter(const struct instance *in, int kind, int i);

#endif
