/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/bounds_proof.h"

#include <errno.h>
#include <string.h>

/* Vectors in a proof. With half of them bench_plan (64x16, 42 problems) makes the same plans: the
 * number only matters to who checks a proof. */
enum { MAX_VECTORS = 4 };

struct choice {
    int vector[MAX_VECTORS], n;
};

static void choose(struct choice *choice, int vector)
{
    for (int k = 0; k < choice->n; k++)
        if (choice->vector[k] == vector)
            return;
    if (vector >= 0 && choice->n < MAX_VECTORS)
        choice->vector[choice->n++] = vector;
}

/* A climbed vector that is not chosen yet and proves most in window t, or -1. */
static int next_climbed(const struct bounds *bounds, const struct choice *choice, int t)
{
    int best = -1;

    for (int k = 0; k < BOUNDS_VECTORS; k++) {
        bool is_new = bounds->duals[k] && bounds->climbed[k];

        for (int z = 0; z < choice->n; z++)
            is_new = is_new && choice->vector[z] != k;
        if (is_new && (best < 0 || bounds->profile[k][t] > bounds->profile[best][t]))
            best = k;
    }
    return best;
}

static struct choice choose_vectors(const struct bounds *bounds, int64_t objective)
{
    struct choice choice = {.n = 0};
    int weakest = bounds_weakest(bounds), more;

    choose(&choice, bounds->proven_by[weakest]);
    for (int t = 0; t < bounds->windows->n; t++)
        if (bounds_objective(bounds, t) <= objective)
            choose(&choice, bounds->proven_by[t]);
    while (choice.n < MAX_VECTORS && (more = next_climbed(bounds, &choice, weakest)) >= 0)
        choose(&choice, more);
    return choice;
}

int bounds_proof(const struct bounds *bounds, int64_t objective, struct placement_proof **ret)
{
    struct choice choice = choose_vectors(bounds, objective);
    size_t n = (size_t)bounds->windows->in->n, windows = (size_t)bounds->windows->n;
    struct placement_proof *proof = proof_new((int)n, (int)windows, choice.n);

    if (!proof)
        return -ENOMEM;
    memcpy(proof->least, bounds->windows->least, windows * sizeof(*proof->least));
    memcpy(proof->bound, bounds->least_cost, windows * sizeof(*proof->bound));
    for (int k = 0; k < choice.n; k++)
        memcpy(proof->prices + (size_t)k * n, bounds->duals[choice.vector[k]],
               n * sizeof(*proof->prices));
    *ret = proof;
    return 0;
}
