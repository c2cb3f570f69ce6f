/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_ROOM_POOL_H
#define EVENKEEL_MODELS_BOUND_ROOM_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "models/base/work.h"
#include "models/placement/instance.h"

/* The pool (pool.h) by load and by the first hard resource: what a set of entering items of this load costs
 * at least that takes no more than so much of the resource. Sizes and rooms count in a common unit, or, where
 * that is too fine, in a coarser one, both rounded down: what fits, fits then too. Charges among items are
 * left out. Either way it is a bound, and what it lets in may break a rule. */
struct room_pool {
    const struct instance *in;
    int stride;      /* cells of a row */
    int rows;        /* 0 .. what the roomiest bin has */
    int *size;       /* [n] in units */
    int *room;       /* [m] */
    int32_t *least;  /* [n_classes * rows * stride] */
    uint8_t *taken;  /* [n_classes * n * rows * stride] */
    bool *is_filled; /* [n_classes] at the present duals */
    int32_t *spare;  /* [stride] */
    /* A bin's own items on top: layers [2 * rows * stride], what is kept [own * rows * stride], and which
     * rows of each layer matter [(own + 1) * rows]. */
    int32_t *layer;
    uint8_t *kept;
    bool *is_needed;
};

/* What its tables take, and what filling them at other duals touches. */
int64_t room_pool_bytes(const struct instance *in, int cells);
int64_t room_pool_cells(const struct instance *in, int cells);
/* 0 or -ENOMEM; memory of the arena. cells: one more than the largest load that is ever asked for. */
int room_pool_new(const struct instance *in, int cells, struct arena *arena, struct room_pool *ret);
/* From now on other duals. */
void room_pool_turn(struct room_pool *pool);
/* What bin p pays at least at these duals for every load up to `most`, in *ret until the next call: its own
 * items on top of the pool of its class. Returns the cells touched. */
int64_t room_pool_look(struct room_pool *pool, int p, const int *duals, int most,
                       const int32_t **ret);
/* The items behind such a load of the bin that was looked at last, those that it keeps first; how many. */
int room_pool_members(const struct room_pool *pool, int p, int load, int *ret, int *ret_kept);

#endif
