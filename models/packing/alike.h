/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_ALIKE_H
#define EVENKEEL_MODELS_PACKING_ALIKE_H

#include "models/packing/filling.h"

/* What a search for places of some items need not try twice: items that are like each other, and bins
 * that offer the same. An item goes into no bin before the one of its twin_before, and into the first
 * of bins that are alike. Where homes matter,
 * items with one are like nobody, and so are their homes. */
struct alike {
    bool homes_matter;
    int *twin_before;  /* [n] the item of the list before it that is like it, or -1 */
    int *kind;         /* [m] bins of a kind may hold the same items of the list */
    bool *set_matters; /* [n_apart] somebody of the list is in it */
};

/* The memory is the arena's. 0 or -ENOMEM. */
int alike_new(const struct filling *filling, struct arena *arena, bool homes_matter,
              struct alike *ret);
void alike_find(struct alike *alike, const struct filling *filling, const int *items, size_t n);
/* Whether a bin from `from` on, before this one, offers the same now. */
bool alike_was_tried(const struct alike *alike, const struct filling *filling, int from, int bin);

#endif
