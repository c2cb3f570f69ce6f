/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_CERTIFY_PATTERN_MODEL_H
#define EVENKEEL_MODELS_CERTIFY_PATTERN_MODEL_H

#include "models/certify/ask.h"
#include "models/certify/reach.h"

/* The placement problem as set partitioning (README.md, "What GLPK gets"): one column per pattern,
 * one row per item and per bin, and under PLACEMENT_DEVIATION the column dev with one row per bin.
 * The patterns are all within reach and some more, or where those are too many, the known placement's
 * and such as differ from it little. */
struct pattern_model {
    struct pattern_store store; /* pattern k is column k */
    struct lp *lp;
    bool is_complete; /* no pattern within reach is missing */
    struct question question;
    struct arena arena;
};

struct pattern_limits {
    int max_patterns; /* beyond it the list is cut */
    bool samples;     /* and has a sample of the patterns within reach instead */
};

/* bin_of [n] of the instance. 0 or -ENOMEM; reach must outlive the model. */
int pattern_model_new(struct reach *reach, const int *bin_of, const struct pattern_limits *limits,
                      struct pattern_model *model);
void pattern_model_done(struct pattern_model *model);

/* The placement [n] of a point. False where a pattern is taken in part, or an item not once. */
bool pattern_model_read(const struct pattern_model *model, const double *x, int *bin_of);

#endif
