/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_SEARCH_STATE_H
#define EVENKEEL_MODELS_SEARCH_SEARCH_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/base/work.h"
#include "models/search/assignment.h"

/* What a search for good plans knows: where it starts, where it is, and the best plan so far. It
 * proves nothing. A search is deterministic: it draws its random numbers from its own state.
 * Trials (exchanges looked at) count as cells of work->kcells. */
struct search_state {
    const struct instance *in;
    struct work *work;
    struct assignment home; /* where the search starts */
    struct assignment now;  /* what the steps change */
    struct assignment best; /* the incumbent: least F, then least sum of squares */
    bool has_plan;  /* false: best breaks a hard rule, and best_objective is more than any plan's */
    bool evacuated; /* some bin was so full that it was emptied first */
    bool is_large;  /* too large for exchanges one by one (shed.h) */
    int64_t best_objective; /* F of the incumbent (instance.h) */
    double best_squares;    /* its sum of squared errors, in error units */
    int64_t lower;          /* no plan has a smaller F: once it is reached, the search ends */
    uint64_t random;        /* state of the generator */
    int64_t trials, max_trials;
    int most_looks;     /* items of a bin that exchanges are tried with */
    int64_t end_trials; /* where it is large, steps end here even in the middle */
};

/* home, now and best are everybody at home, or a start that keeps the hard rules (start.h). 0 or -ENOMEM; the memory is the arena's. */
int search_state_new(const struct instance *in, struct work *work, struct arena *arena,
                     struct search_state *ret);
/* Makes now the incumbent where it is better, and no hard rule is broken: the only way to become it. */
void search_state_keep(struct search_state *search);
/* Adds trials to the state's count and to the work. */
void search_state_count(struct search_state *search, int64_t trials);
/* Whether a step has to end in the middle. */
bool search_state_is_over(struct search_state *search);
/* The next random number, 0 .. below - 1. */
uint64_t search_state_random(struct search_state *search, uint64_t below);
/* The next random number, evenly in -0.5 .. 0.5. */
double search_state_noise(struct search_state *search);

#endif
