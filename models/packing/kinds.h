/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_KINDS_H
#define EVENKEEL_MODELS_PACKING_KINDS_H

#include "models/packing/filling.h"
#include "models/packing/knapsack.h"

/* Items that are the same to every bin, and bins that are the same to every item. An item of an apart
 * set is a kind of its own; where it is in several, a knapsack sees the one with the most members.
 * Kinds of one set stand together. */
struct kinds {
    size_t n;                 /* kinds of items */
    int *kind_of;             /* [items] */
    int *first, *count, *set; /* [n] an item of it, how many, its set or -1 */
    int *next;                /* [items] another one of the kind, -1: no more; in rising order */
    size_t n_bins;            /* kinds of bins */
    int *bin_kind_of;         /* [bins] */
    int *bin, *bin_count;     /* [n_bins] a bin of it, how many */
};

/* The memory is the arena's. 0 or -ENOMEM. */
int kinds_new(const struct filling *filling, struct arena *arena, struct kinds *ret);
/* Items of a knapsack, without values, with all there are of each kind that may be in this bin. */
void kinds_fill(const struct kinds *kinds, const struct filling *filling, int bin,
                struct knapsack_item *items);

#endif
