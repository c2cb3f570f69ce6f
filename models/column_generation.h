/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_COLUMN_GENERATION_H
#define EVENKEEL_MODELS_COLUMN_GENERATION_H

#include "models/bounds.h"
#include "models/local_search.h"
#include "models/master.h"
#include "models/pricing.h"

/* Pattern generation: the master LP at the weakest window, its duals priced, the patterns found
 * added, until no window can be raised any further; and restricted whole-number masters on the way,
 * whose plans become the incumbent. */
struct generation {
    struct pricing *pricing;
    struct bounds *bounds;
    struct pattern_store *patterns; /* met so far: the first columns */
    struct local_search *search;    /* the incumbent */
    struct master master;
    bool has_master, *tight; /* [windows->n] windows whose LP has converged */
    int restricted;          /* whole-number masters solved */
    struct evaluation ev;
    int *duals, *prices; /* [n] */
};

/* Runs until everything is closed or tight or the work is used up. 0, -ENOMEM or -EPROTO. */
int column_generation(struct generation *generation, struct arena *arena);
void column_generation_done(struct generation *generation);

#endif
