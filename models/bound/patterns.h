/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_PATTERNS_H
#define EVENKEEL_MODELS_BOUND_PATTERNS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/bound/windows.h"

/* A pattern is one way to fill one bin: all the items that run there. A plan is one pattern per
 * bin that together hold every item once. */
struct pattern {
    int bin, n_items;
    int *items;         /* items, kept and entering */
    int64_t cost;       /* of those that enter, plus the bin's charge, in 1 / price_scale */
    int64_t least_cost; /* what the knapsacks of pricing.h know of it: no more than that */
    int window;         /* the first window that admits its load */
    double weight;      /* its part in the ascent's plan in fractions, 0 .. 1 */
    bool is_relaxed; /* some item is kept and enters again, or a hard rule is broken: in no plan */
};

/* Distinct patterns, in the order in which they came. */
struct pattern_store {
    const struct windows *windows;
    int n, room;
    struct pattern *patterns;
    uint64_t *hashes;
    int *slots, n_slots; /* open addressing, -1 empty */
    struct arena arena;
};

/* 0 or -ENOMEM. */
int patterns_new(const struct windows *windows, struct pattern_store *ret);
void patterns_done(struct pattern_store *store);
/* Copies a pattern and works out its cost and window. Its index, -EEXIST or -ENOMEM. */
int patterns_add(struct pattern_store *store, int bin, const int *items, int n_items);
/* The same for what may be a relaxed pattern: an own item may occur twice, once kept and once paying to
 * enter, and the bin may not hold it. */
int patterns_add_relaxed(struct pattern_store *store, int bin, const int *items, int n_items);
/* Forgets all but the first n. */
void patterns_forget(struct pattern_store *store, int n);
/* The index of the pattern, or -1. */
int patterns_find(const struct pattern_store *store, int bin, const int *items, int n_items);
/* Adds a placement's m patterns, index of each into ret [m] when not NULL. 0 or -ENOMEM. */
int patterns_add_plan(struct pattern_store *store, const int *bin_of, int *ret);
/* Writes the indices of the patterns of windows 0 .. top by falling weight, at most this many; how
 * many. ret has room for all. */
int patterns_heaviest(const struct pattern_store *store, int top, int most, int *ret);
int64_t patterns_cost(const struct instance *in, int bin, const int *items, int n_items);
/* The knapsacks know nothing of groups. They tell of a bin's own items only whether one that the cut touches is kept (the least
 * excess of them), and of others nothing: permille. */
int patterns_least_excess(const struct instance *in, int bin);
/* What the pattern's bin pays for it at these duals (pricing.h). */
int64_t patterns_value(const struct instance *in, const int *duals, const struct pattern *pattern);
int patterns_load(const struct instance *in, const int *items, int n_items);

#endif
