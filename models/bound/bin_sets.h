/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_BIN_SETS_H
#define EVENKEEL_MODELS_BOUND_BIN_SETS_H

#include "models/placement/instance.h"

/* Sets of bins, and who may run there: all bins, the bins that some item may run on, the bins that it
 * may not run on, and unions of overlapping ones. What items in no other bin weigh has to find room in the set, and no more
 * can come into it than what all items weigh that may run there (README.md, "Confined items"). */

/* All bins, and two for each of the first masks met. Hosts have a few kinds of masks; half of it
 * would still do, double only costs time where every item has its own. */
enum {
    BIN_SETS_MASKS = 8,
    BIN_SETS_UNIONS = 15,
    BIN_SETS = 1 + 2 * BIN_SETS_MASKS + BIN_SETS_UNIONS, /* 32: bits of one word (windows.c) */
};

/* Items without weight are left out. */
struct bin_set {
    int *bins, n_bins;
    int *reaching, n_reaching; /* weights of the items that may run in one of the bins, falling */
    int *confined, n_confined; /* of those that may run in no other, rising */
    int64_t reaching_weight, confined_weight; /* their sums */
};

struct bin_sets {
    struct bin_set set[BIN_SETS];
    int n;
};

/* The sets by growing size, each once; the set of all bins is the last. 0 or -ENOMEM; memory of the
 * arena. */
int bin_sets_new(const struct instance *in, struct arena *arena, struct bin_sets *ret);

#endif
