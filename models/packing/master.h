/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_MASTER_H
#define EVENKEEL_MODELS_PACKING_MASTER_H

#include "models/lp/solver.h"
#include "models/packing/kinds.h"

/* The linear program of patterns, which are sets that a bin can hold: every kind of item is covered by
 * patterns or stopped, and there are only so many bins of each kind; the fewest are stopped. Patterns
 * are generated: the duals are the values of a knapsack, which gives a better pattern or shows that
 * there is none. And whatever the duals are, in whole numbers they are a certificate. */
struct master {
    struct filling *filling; /* scratch: who is where in it is lost */
    const struct kinds *kinds;
    struct solver *solver;
    struct knapsack knapsack;
    struct work *work;
    int *count;                       /* [kinds] of the pattern that is being made */
    struct lp_entry *entries;         /* scratch, for its column */
    int64_t *weight, *most;           /* [kinds], [kinds of bins]: duals in whole numbers */
    int64_t *best_weight, *best_most; /* those that prove most for everybody in all bins */
    int64_t best_sum;                 /* which is so many scales, rounded up */
    struct arena arena;
};

/* A weight of one whole item. */
enum { MASTER_SCALE = 100000 };

/* Starts with the sets of a plan. 0, -ENOMEM, or what the solver says. master_done() either way. */
int master_new(struct filling *filling, const struct kinds *kinds, const int *bin_of,
               struct work *work, struct master *ret);
void master_done(struct master *master);
/* Generates patterns until none is missing, `enough` are proven to be stopped, or after so many rounds. */
int master_generate(struct master *master, int rounds, int64_t enough);
int64_t master_proven(const struct master *master);

#endif
