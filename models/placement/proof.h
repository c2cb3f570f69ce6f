/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_PROOF_H
#define EVENKEEL_MODELS_PLACEMENT_PROOF_H

#include <stdint.h>

/* What a search has proven, in a form from which anyone can prove it again (README.md, "Lagrangian
 * bound"): prices per item of the instance (instance.h) that say what a plan of each deviation costs
 * at least, and where enumeration has proven more than prices can, that. */
struct placement_proof {
    int n, n_windows, n_vectors;
    int64_t *least; /* [n_windows] smallest deviation that belongs to the window */
    int64_t *bound; /* [n_windows] no plan of the window costs less, in 1 / price_scale */
    int *prices;    /* [n_vectors * n] the best first */
};

/* Zeroed. NULL: out of memory; proof_free(NULL) is fine. */
struct placement_proof *proof_new(int n, int n_windows, int n_vectors);
void proof_free(struct placement_proof *proof);

#endif
