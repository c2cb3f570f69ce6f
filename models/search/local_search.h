/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_LOCAL_SEARCH_H
#define EVENKEEL_MODELS_SEARCH_LOCAL_SEARCH_H

#include <stdint.h>

#include "models/base/work.h"
#include "models/search/assignment.h"

/* The search for good plans: bounds come from elsewhere. One state, changed by moves (one vCPU) and
 * swaps (two); deterministic, with its own random numbers. Trials (exchanges looked at) count as
 * cells of work->kcells. */
struct local_search {
    const struct instance *in;
    struct work *work;
    struct assignment home; /* where the search starts */
    struct assignment now;  /* what the steps below change */
    struct assignment best; /* the incumbent: least F, then least sum of squares */
    bool evacuated;         /* some bin was so full that it was emptied first */
    int64_t best_objective;
    double best_squares;
    int64_t lower; /* no plan has a smaller F: reached, there is nothing to look for */
    uint64_t random;
    int64_t trials, most_trials;
};

/* best = now = everybody at home. 0 or -ENOMEM; the memory is the arena's. */
int local_search_new(const struct instance *in, struct work *work, struct arena *arena,
                     struct local_search *ret);
/* now becomes the incumbent where it is better. */
void local_search_keep(struct local_search *search);
void local_search_count(struct local_search *search, int64_t trials);
uint64_t local_search_random(struct local_search *search, uint64_t below);
double local_search_noise(struct local_search *search); /* -0.5 .. 0.5 */

/* The steps, from now (README.md, "Local search"). */

/* Exchanges until no deviation is above the band (in error units), best gain per cost first, then
 * as many vCPUs as possible back home; false where it gets stuck. noise > 0 perturbs the choice. */
bool repair_into_band(struct local_search *search, int64_t band, double noise);
/* Steepest descent on F. */
void polish(struct local_search *search);
/* Descent on the sum of squares by exchanges that do not raise the prices; same_price: and in which
 * nobody goes to where the own price is another. */
void settle(struct local_search *search, bool same_price);
/* Shares out anew what the worst bin and another one carry, all ways at once, likewise. */
void resplit(struct local_search *search, bool same_price);
/* Packs the worst bin and a few others anew, exactly within a band below its deviation, as often as
 * that succeeds; only vCPUs that cost the same in all of them take part. 0 or -ENOMEM. */
int repack(struct local_search *search);
/* Every overloaded bin keeps the set that is dearest to move and still fits (knapsack), the others
 * go heaviest first to the bin with the most room. How many went, or -ENOMEM. Rank 0 keeps the best
 * set, 1 the second best weight's, ... */
int evacuate(struct local_search *search, int rank);

/* A plan at once: one descent and, where much has to move, one evacuation. 0 or -ENOMEM. */
int local_search_first(struct local_search *search);
/* Bands of every width, restarts with noise, shaking. 0 or -ENOMEM. */
int local_search_more(struct local_search *search);
/* Where vCPUs were evacuated: the sets that may stay, packed once more from elsewhere. 0 or -ENOMEM. */
int local_search_pack(struct local_search *search);
/* Polishes a plan that another step has found. */
void local_search_adopt(struct local_search *search, const int *bin);

#endif
