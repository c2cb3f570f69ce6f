/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_KEPT_SETS_H
#define EVENKEEL_MODELS_BOUND_KEPT_SETS_H

#include <stdint.h>

#include "models/placement/instance.h"

/* What a bin can keep of its own vCPUs: for every weight that some kept set has, the least price of
 * sending the others away. Few vCPUs: all their subsets; many: a knapsack over the weights. */
struct own_sets {
    const struct instance *in;
    int cells;       /* room of a knapsack row */
    int bin, n;      /* states of the last fill */
    int *weight;     /* [n] of the kept set */
    int32_t *price;  /* [n] of sending the others away */
    uint32_t *kept;  /* [n] bit k = own vCPU k is kept; only for few */
    uint8_t *choice; /* [own * cells], only for many */
    int32_t *row, *spare;
};

/* 0 or -ENOMEM; memory of the arena. */
int own_sets_new(const struct instance *in, int cells, struct arena *arena, struct own_sets *ret);
/* All states of bin p of weight <= most (< cells). Returns the knapsack cells touched. */
int64_t own_sets_fill(struct own_sets *sets, int p, const int *prices, int most);
/* The kept vCPUs of a state into ret; how many. */
int own_sets_members(const struct own_sets *sets, int state, int *ret);

#endif
