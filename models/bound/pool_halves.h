/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_POOL_HALVES_H
#define EVENKEEL_MODELS_BOUND_POOL_HALVES_H

#include "models/bound/pool.h"

/* The pools of all bins of a class, each without the bin's own items. The items of one half of the bins
 * enter every bin of the other half, so they are taken in once for all of these, and so on down to
 * single bins: with m bins each item is taken in about log2(m) times and not m times. Nobody may be
 * charged for a group. */
struct pool_halves {
    const struct instance *in;
    int stride;
    int32_t *rows; /* [2 * depth + 1][stride] */
    int depth;
    int *bins;  /* [m] of the class */
    int *order; /* [n] items taken in on the way to a bin */
    int n_order;
    uint8_t *taken; /* [n * stride], the caller's */
    const int *duals;
    int kind, cells;
    int64_t touched; /* cells */
};

/* What the tables of pool_halves_new() take, about. */
int64_t pool_halves_bytes(const struct instance *in, int64_t cells);
/* 0 or -ENOMEM; memory of the arena. */
int pool_halves_new(const struct instance *in, int stride, uint8_t *taken, struct arena *arena,
                    struct pool_halves *ret);
/* Calls visit for each bin of the class with its pool below `cells`: least, and what pool_members()
 * needs. It is valid during the call. Returns the cells touched. */
int64_t pool_halves_walk(struct pool_halves *halves, const int *duals, int kind, int cells,
                         void (*visit)(void *arg, int p, const struct pool *pool), void *arg);

#endif
