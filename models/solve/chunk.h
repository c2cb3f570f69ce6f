/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_CHUNK_H
#define EVENKEEL_MODELS_SOLVE_CHUNK_H

#include "models/solve/enumeration.h"
#include "models/solve/workspace.h"

enum { CHUNK_FILTERS = 8 };

/* Neighbouring windows that are asked about together: is there a plan within the cutoff whose largest
 * window is one of from .. to? */
struct chunk {
    struct workspace *ws;
    int64_t cutoff; /* in F */
    int from, to;
    int vector; /* the duals that prove most there, or -1: none has been met */
    /* What chunk_look() finds, at these duals and within the cutoff. Memory of the arena. */
    int *duals;       /* [n] */
    int32_t *values;  /* [m * (to + 1)] what each bin pays at least */
    int32_t *by_load; /* the same by load alone */
    int64_t *bound;   /* [windows] */
    int64_t *limit;   /* [m * (to + 1)] what each bin may pay */
    bool *may_leave;  /* [n] */
    struct enumeration_filter filters[CHUNK_FILTERS]; /* other duals and their limits */
    int n_filters;
    /* Sets of bins whose patterns were combined exactly (joint.h). No bin is in two. */
    int *joint_of;           /* [m] or -1 */
    int64_t least[BIN_SETS]; /* what the bins pay together, or JOINT_UNKNOWN */
    int n_joints;
    int64_t *short_of; /* [BIN_SETS * (to + 1)] by how much their values fall short of that */
};

/* Room for all chunks. 0 or -ENOMEM. */
int chunk_new(struct workspace *ws, int64_t cutoff, struct arena *arena, struct chunk *ret);

/* Turns to the widest open window with as many narrower ones as one vector serves about as well: the
 * narrowest may gape this much wider than the widest, in cost units. False: no window is open. */
bool chunk_choose(struct chunk *chunk, const bool *open, double width);

/* Fills in the limits. 1: no plan within the cutoff lies in these windows, 0: there may be one, or
 * -ENOMEM. */
int chunk_look(struct chunk *chunk);

/* What is to be listed for it; the caller adds how much. */
struct enumeration chunk_enumeration(const struct chunk *chunk);

/* What each of the store's patterns costs more than its bin's cheapest in the widest window: a new
 * array [store->n], NULL: out of memory. */
int64_t *chunk_excesses(const struct chunk *chunk, const struct pattern_store *store);

#endif
