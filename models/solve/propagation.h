/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_PROPAGATION_H
#define EVENKEEL_MODELS_SOLVE_PROPAGATION_H

#include <stdbool.h>

#include "models/bound/patterns.h"

/* What some patterns leave no choice about, when every bin takes exactly one and every item is in
 * exactly one: a bin whose patterns all hold an item claims it, an item that only one bin can hold
 * has to be in that bin's pattern, and who takes a dear pattern leaves less for the others.
 * Patterns that contradict that go, until none is left that does (README.md, "Propagation"). */
struct propagation {
    const struct pattern_store *store;
    const int *chosen; /* [n_chosen] patterns */
    int n_chosen;
    const int64_t *excess; /* [n_chosen] or NULL; those of a plan sum up to at most slack */
    int64_t slack;
    const bool *is_asked; /* [m] the bins that take a pattern; NULL: all */
    const bool *
        is_needed; /* [n] the items that have to be in one of them, the others need not; NULL: all */
    /* results; memory of the arena */
    bool *alive;     /* [n_chosen] */
    int *left;       /* [m] patterns of each bin */
    int *only_bin;   /* [n] the bin that holds the item whatever its pattern, or -1 */
    bool impossible; /* there is no plan */
};

/* Fills in the results. 0 or -ENOMEM. */
int propagation_run(struct propagation *propagation, struct arena *arena);

#endif
