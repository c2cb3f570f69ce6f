/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_PIPELINE_H
#define EVENKEEL_MODELS_SOLVE_PIPELINE_H

#include "models/bound/dual_ascent.h"
#include "models/search/search_state.h"

/* The steps of one solve in a row. The incumbent is search.best, what is proven stands in bounds.
 * Its parts point at each other: it must not be moved. */
struct pipeline {
    const struct instance *in;
    struct work *work;
    struct search_state search;
    struct windows windows;
    struct pricing pricing;
    struct bounds bounds;
    struct pattern_store patterns;
    struct dual_ascent ascent;
    struct arena arena;
};

/* With a first plan. 0 or -ENOMEM; the instance must outlive it. */
int pipeline_new(const struct instance *in, struct work *work, struct pipeline *pipeline);
void pipeline_done(struct pipeline *pipeline);
/* Until the incumbent is proven optimal or the work is used up. ret_method: who found it or closed
 * the gap. 0 or -ENOMEM; where GLPK gives up, the other steps go on. */
int pipeline_run(struct pipeline *pipeline, enum placement_method *ret_method);

#endif
