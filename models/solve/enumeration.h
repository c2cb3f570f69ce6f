/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_ENUMERATION_H
#define EVENKEEL_MODELS_SOLVE_ENUMERATION_H

#include "models/bound/patterns.h"
#include "models/bound/pricing.h"

/* Another vector of duals and its limits: a pattern has to be within these too. */
struct enumeration_filter {
    int *duals;     /* [n] */
    int64_t *limit; /* [m * (top + 1)] */
};

/* Every pattern of every bin whose Lagrangian value at these duals is within the bin's limit for
 * the window of its load. Values are what pricing_evaluate() minimises. */
struct enumeration {
    struct pricing *pricing;
    const int *duals; /* [n] */
    int top;          /* windows 0 .. top */
    int64_t slack;    /* no limit is higher than this above the bin's least value in the window */
    const int64_t *limit;  /* [m * (top + 1)], negative infinity (INT64_MIN) for none */
    const bool *may_leave; /* [n] others enter nowhere; NULL: all may */
    const struct enumeration_filter *filters;
    int n_filters;
    const bool *is_asked; /* [m] the bins whose patterns are wanted; NULL: all */
    int max_patterns;
    uint64_t seed;   /* of the choice */
    int max_per_bin; /* 0: no limit; of more patterns about so many, spread evenly */
    int64_t max_steps;
};

/* True in *ret_complete when no pattern is missing. 0 or -ENOMEM. */
int enumeration_run(const struct enumeration *enumeration, struct pattern_store *store,
                    bool *ret_complete);

#endif
