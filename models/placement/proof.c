/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/proof.h"

#include <stdlib.h>

struct placement_proof *proof_new(int n, int n_windows, int n_vectors)
{
    struct placement_proof *proof = calloc(1, sizeof(*proof));

    if (!proof)
        return NULL;
    proof->n = n;
    proof->n_windows = n_windows;
    proof->n_vectors = n_vectors;
    proof->least = calloc((size_t)n_windows + 1, sizeof(*proof->least));
    proof->bound = calloc((size_t)n_windows + 1, sizeof(*proof->bound));
    proof->prices = calloc((size_t)n * (size_t)n_vectors + 1, sizeof(*proof->prices));
    if (!proof->least || !proof->bound || !proof->prices) {
        proof_free(proof);
        return NULL;
    }
    return proof;
}

void proof_free(struct placement_proof *proof)
{
    if (!proof)
        return;
    free(proof->least);
    free(proof->bound);
    free(proof->prices);
    free(proof);
}
