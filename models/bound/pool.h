/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_POOL_H
#define EVENKEEL_MODELS_BOUND_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "models/placement/instance.h"

/* The knapsack over all items that may enter a bin of one class. The tables are the caller's. */
struct pool {
    const struct instance *in;
    int stride;     /* cells of a row at most */
    int32_t *least; /* [stride] the least cost of an entering set of every weight */
    int32_t *floor; /* [stride] the least of these over some width up to the cell */
    uint8_t *taken; /* [n * stride] whether the item is in it, if those before may be */
    int32_t *spare; /* [stride] scratch */
    int *queue;     /* [stride] scratch */
};

/* Fills in least and taken below `cells`, without the items that are at home in bin `without` (-1: of
 * all), then floor over a width. */
void pool_fill(const struct pool *pool, const int *duals, int kind, int without, int cells);
void pool_fill_floor(const struct pool *pool, int width, int cells);

/* What entering a bin of the class costs, and whether it is allowed. */
int32_t pool_entering_cost(const struct instance *in, int kind, const int *duals, int i);
bool pool_may_enter(const struct instance *in, int kind, int i);

#endif
