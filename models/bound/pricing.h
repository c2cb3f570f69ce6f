/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_PRICING_H
#define EVENKEEL_MODELS_BOUND_PRICING_H

#include <stdbool.h>
#include <stdint.h>

#include "models/base/work.h"
#include "models/bound/kept_sets.h"
#include "models/bound/patterns.h"
#include "models/bound/pool.h"
#include "models/bound/pool_halves.h"
#include "models/bound/room_pool.h"
#include "models/bound/windows.h"

/* The Lagrangian bound. Each item has a dual. The bin that lets an item leave pays its dual; the
 * bin that lets it enter pays the cost of the move less the dual. Nobody lets a floating item
 * leave, so its dual is added at the end. Then the bins no longer depend on each other. Each bin's
 * cheapest pattern is the sum of two knapsacks: one over its own items (kept or sent away), one
 * over the pool of all items that may enter. Bins of one class share the pool. One evaluation
 * bounds every window (README.md, "Lagrangian bound"). */
struct pricing {
    const struct instance *in;
    const struct windows *windows;
    struct work *work;
    int bottom, top; /* windows that are evaluated */
    int max_cells;   /* of windows 0 .. the first top */
    int32_t *pool;  /* [(n_classes + 1) * max_cells], the last for one bin's pool without its own */
    int32_t *floor; /* the same, least pool value over one window's width up to the cell */
    uint8_t *taken; /* [(n_classes + 1) * n * max_cells] */
    int32_t *spare, *profile, *running; /* [max_cells], [max_cells], [windows] */
    int *queue;                         /* [max_cells] */
    bool by_halves; /* items are fine-grained: every bin's pool is without its own items */
    struct pool_halves halves; /* where by_halves */
    int32_t *square;           /* NULL, or [m * max_cells] by item load */
    int32_t *with_excess;      /* [max_cells] profile of the sets that have excess */
    struct kept_sets own;
    struct room_pool *rooms; /* NULL: by load alone */
    int32_t *room_values;    /* [windows->n] where there are rooms */
};

struct evaluation {
    int64_t *bound;          /* [windows->n], in 1 / price_scale, WINDOWS_IMPOSSIBLE: no plan; below
                              * the bottom 0, nothing is claimed */
    int32_t *bin_value;      /* NULL, or [m * (top + 1)]: what each bin adds from the bottom on */
    int32_t *load_value;     /* NULL, or the same by load alone: never more (README.md, "Rooms") */
    struct pattern *pattern; /* NULL, or [m]: each bin's best pattern within `window` */
    int window;
};

/* What the tables of pricing_new() take, about. */
int64_t pricing_bytes(const struct windows *windows);
/* 0 or -ENOMEM; memory of the arena. */
int pricing_new(const struct windows *windows, struct work *work, struct arena *arena,
                struct pricing *ret);
/* From now on by the first hard resource, too. 1, 0: there is none, or no memory for its tables, or
 * -ENOMEM; memory of the arena. */
int pricing_by_room(struct pricing *pricing, struct arena *arena);
/* Room for one pattern per bin. NULL: out of memory. */
struct pattern *pricing_patterns(const struct instance *in, struct arena *arena);

/* From now on only these windows are evaluated. What lies below costs nothing more, and the least
 * value of the narrowest prunes the rest. */
void pricing_narrow(struct pricing *pricing, int bottom, int top);
/* Evaluates the bound at these duals [n], in 1 / price_scale. It clips in place those that int32
 * cells could not sum. */
void pricing_evaluate(struct pricing *pricing, int *duals, struct evaluation *evaluation);

/* The least dual cost of an entering set of every weight below cells. The next call overwrites
 * it. */
int32_t *pricing_pool(struct pricing *pricing, const int *duals, int kind, int cells);
int pricing_cells(const struct pricing *pricing);
/* Whether bin p gets a pool of its own, without the items that are at home there. A bin that holds
 * a good part of all items would else let in what it keeps already, and one whose item was cut would
 * let that one go and enter again without its excess. */
bool pricing_is_apart(const struct pricing *pricing, int p);
/* Whether this pool keeps them too, so that it knows whom they are beside (instance.h, is_close). */
bool pricing_is_whole(const struct pricing *pricing, int p);

#endif
