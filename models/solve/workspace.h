/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_WORKSPACE_H
#define EVENKEEL_MODELS_SOLVE_WORKSPACE_H

#include "models/bound/dual_ascent.h"
#include "models/search/search_state.h"

/* All that one solve works on; every step of this folder takes it. The incumbent is search.best,
 * what is proven stands in bounds, and patterns are those that the ascent has met. The parts point
 * at each other: a workspace must not be moved. */
struct workspace {
    const struct instance *in;
    struct work *work;
    struct search_state search;
    struct windows windows;
    struct pricing pricing;
    struct bounds bounds;
    struct pattern_store patterns;
    struct dual_ascent ascent;
    bool has_tables;    /* of pricing; without them nothing is climbed or listed */
    int64_t held_bytes; /* these, as the work counts them */
    bool reduces;       /* those who stay at home may be left out (reduce.h) */
    bool is_reduced;    /* they were left out once at least */
    struct arena arena;
};

/* Fills it, with a first plan. 0 or -ENOMEM. The instance and the work must outlive it. Of the work's memory
 * it has what other workspaces of it leave (reduce.h has one within another). */
int workspace_new(const struct instance *in, struct work *work, struct workspace *ws);
void workspace_done(struct workspace *ws);
/* Whether the bound has reached the incumbent. */
bool workspace_is_proven(const struct workspace *ws);

#endif
