/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_COLUMN_GENERATION_H
#define EVENKEEL_MODELS_SOLVE_COLUMN_GENERATION_H

#include "models/bound/bounds.h"
#include "models/bound/pricing.h"
#include "models/search/local_search.h"
#include "models/solve/master.h"

/* Pattern generation at one window: the master LP, its duals priced, the patterns found added, until
 * the LP is that of all patterns; then a restricted whole-number master, whose plan becomes the
 * incumbent where it is better. */
struct generation {
    struct pricing *pricing;
    struct bounds *bounds;
    const struct pattern_store *patterns; /* met so far: the heaviest are the first columns */
    struct local_search *search;          /* the incumbent */
    struct master master;                 /* keeps its columns from one window to the next */
    bool has_master;
    struct evaluation ev;
    int *duals, *prices; /* [n] */
    struct arena arena;
};

/* Starts from {.pricing, .bounds, .patterns, .search}. 0, -ENOMEM or -EPROTO. */
int generate_columns(struct generation *generation, int window);
void generation_done(struct generation *generation);

#endif
