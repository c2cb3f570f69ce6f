/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_CERTIFY_REACH_H
#define EVENKEEL_MODELS_CERTIFY_REACH_H

#include "models/base/arena.h"
#include "models/bound/patterns.h"
#include "models/bound/pricing.h"
#include "models/placement/proof.h"

/* What a plan as dear as the known one, or cheaper, can use (README.md, "Enumeration"): at each price
 * vector of the proof, a bin's part of such a plan is within the bin's limit for the window of its
 * load. Whatever is outside no such plan can use. */
struct reach {
    const struct instance *in;
    struct windows windows;
    struct pricing pricing;
    struct work work; /* its own, without limits */
    int top;          /* windows 0 .. top */
    int n_vectors;    /* 0: nothing is known, everything is within reach */
    int **prices;     /* [n_vectors][n] */
    int64_t **limit;  /* [n_vectors][m * (top + 1)], INT64_MIN: none */
    int64_t slack; /* of the first vector: no limit is more than that above the bin's least value */
    bool *may_leave; /* [n] */
    struct arena arena;
};

/* proof may be NULL. 0 or -ENOMEM; the instance and the reach itself must stay where they are. */
int reach_new(const struct instance *in, const struct placement_proof *proof, int64_t objective,
              struct reach *reach);
void reach_done(struct reach *reach);

/* Clears possible [n * m] where no such plan has the item in the bin. 0 or -ENOMEM. */
int reach_exclude(struct reach *reach, bool *possible);

/* Every pattern within reach, or about max_per_bin of each bin (0: all) and most in all. 0 or
 * -ENOMEM; true in *ret_complete when none is missing. */
int reach_patterns(struct reach *reach, int most, int max_per_bin, struct pattern_store *store,
                   bool *ret_complete);

#endif
