/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_ENUMERATION_H
#define EVENKEEL_MODELS_ENUMERATION_H

#include "models/patterns.h"
#include "models/pricing.h"

/* Every pattern of every bin whose Lagrangian value at these prices is within the bin's limit for
 * the window of its load. Values are what pricing_evaluate() minimises. */
struct enumeration {
    const struct pricing *pricing;
    const int *prices;    /* [n] */
    int top;              /* windows 0 .. top */
    const int64_t *limit; /* [m * (top + 1)], negative infinity (INT64_MIN) for none */
    int most_patterns;
    int64_t most_steps;
};

/* True in *ret_complete when no pattern is missing. 0 or -ENOMEM. */
int enumerate_patterns(const struct enumeration *enumeration, struct pattern_store *store,
                       bool *ret_complete);

#endif
