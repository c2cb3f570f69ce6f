/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_PRICING_H
#define EVENKEEL_MODELS_BOUND_PRICING_H

#include <stdbool.h>
#include <stdint.h>

#include "models/base/work.h"
#include "models/bound/kept_sets.h"
#include "models/bound/patterns.h"
#include "models/bound/windows.h"

/* The Lagrangian bound. A price per item is paid by the bin that lets it leave and by which its
 * entering gets cheaper; a floating item's price is paid by nobody and added at the end. Then the
 * bins no longer depend on each other: each one's cheapest pattern is a knapsack over its own items
 * (kept or paid for) and one over the pool of all (entering), the pool shared by a class of bins.
 * One evaluation bounds every window (README.md, "Lagrangian bound"). */
struct pricing {
    const struct instance *in;
    const struct windows *windows;
    struct work *work;
    int top;        /* windows 0 .. top are evaluated */
    int max_cells;  /* of windows 0 .. the first top */
    int32_t *pool;  /* [(n_classes + 1) * max_cells], the last for one bin's pool without its own */
    int32_t *floor; /* the same, least pool value over one window's width up to the cell */
    uint8_t *taken; /* [(n_classes + 1) * n * max_cells] */
    int32_t *spare, *profile, *running; /* [max_cells], [max_cells], [windows] */
    int *queue;                         /* [max_cells] */
    int32_t *charge;                    /* NULL, or [m * max_cells] by item load */
    struct kept_sets own;
};

struct evaluation {
    int64_t *bound;          /* [windows->n], in 1 / price_scale, WINDOWS_IMPOSSIBLE: no plan */
    int32_t *bin_value;      /* NULL, or [m * (top + 1)]: what each bin adds */
    struct pattern *pattern; /* NULL, or [m]: each bin's best pattern within `window` */
    int window;
    bool exact; /* price a bin again without its own items in the pool where one repeats */
};

/* 0 or -ENOMEM; memory of the arena. */
int pricing_new(const struct windows *windows, struct work *work, struct arena *arena,
                struct pricing *ret);
/* Room for one pattern per bin. NULL: out of memory. */
struct pattern *pricing_patterns(const struct instance *in, struct arena *arena);

/* Prices [n] in 1 / price_scale; those outside what int32 cells can sum are clipped in place. */
void pricing_evaluate(struct pricing *pricing, int *duals, struct evaluation *evaluation);

/* What entering a bin of the class costs, and whether it is allowed. */
int32_t pricing_entering_cost(const struct pricing *pricing, int kind, const int *duals, int i);
bool pricing_may_enter(const struct pricing *pricing, int kind, int i);
/* Least price of an entering set for every weight below cells; overwritten by the next call. */
int32_t *pricing_pool(struct pricing *pricing, const int *duals, int kind, int cells);
int pricing_cells(const struct pricing *pricing);
/* Whether the bin's pool is without its own items: where they are most of the pool, it would fill up
 * with what the bin keeps already. */
bool pricing_is_apart(const struct pricing *pricing, int p);

#endif
