/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_FILLING_H
#define EVENKEEL_MODELS_PACKING_FILLING_H

#include "models/base/arena.h"
#include "models/packing/packing.h"

/* Who is in which bin, and what is left there: what all searches change. What is left may be negative
 * where a bin is overfull from the start; such a bin takes nobody. */
struct filling {
    const struct packing_problem *problem;
    size_t n, m, rooms;
    int64_t *left;        /* [m * rooms] */
    int *bin_of;          /* [n] -1: in none */
    const int *set_first; /* [n + 1] an item's apart sets: set_of[set_first[i] ...] */
    const int *set_of;
    int *in_set;    /* [n_apart * m] how many of the set are in the bin */
    double *need;   /* [n * rooms] size as a part of the mean bin's room */
    double *weight; /* [rooms] parts of the mean bin for one unit */
};

/* Nobody is anywhere. The memory is the arena's. 0 or -ENOMEM. */
int filling_new(const struct packing_problem *problem, struct arena *arena, struct filling *ret);
/* Everybody out of all bins; everybody in bin_of [n], rules or not. */
void filling_empty(struct filling *filling);
void filling_set(struct filling *filling, const int *bin_of);
/* Everybody who runs at home; whether that keeps all rules. */
bool filling_go_home(struct filling *filling);

bool filling_may_run(const struct filling *filling, int item, int bin);
bool filling_fits(const struct filling *filling, int item, int bin);
/* How many bins would take it; `most` is as good as more. */
int filling_bins_for(const struct filling *filling, int item, int most);
void filling_put(struct filling *filling, int item, int bin);
void filling_take(struct filling *filling, int item);

static inline int packing_size(const struct packing_problem *problem, int item, size_t room)
{
    return problem->size[(size_t)item * problem->n_rooms + room];
}
static inline int packing_home(const struct packing_problem *problem, int item)
{
    return problem->current ? problem->current[item] : -1;
}
static inline int packing_price(const struct packing_problem *problem, int item)
{
    return problem->price ? problem->price[item] : 1;
}
/* Of having an item in a bin. */
static inline int packing_cost(const struct packing_problem *problem, int item, int bin)
{
    int home = packing_home(problem, item);

    if (home < 0)
        return 0;
    if (problem->price_in)
        return problem->price_in[(size_t)item * problem->n_bins + (size_t)bin];
    return bin == home ? 0 : packing_price(problem, item);
}
static inline size_t packing_moves(const struct packing_problem *problem, int item)
{
    return problem->moves ? (size_t)problem->moves[item] : 1;
}

/* What a plan is worth: fewer that run and are stopped first, then fewer stopped, then cheaper moves.
 * The least is the best. */
struct packing_value {
    size_t stopped, halted, moved;
    int64_t cost;
};
struct packing_value packing_value(const struct packing_problem *problem, const int *bin_of);
bool packing_value_is_less(const struct packing_value *a, const struct packing_value *b);

#endif
