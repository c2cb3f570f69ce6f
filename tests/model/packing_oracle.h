/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_MODEL_PACKING_ORACLE_H
#define EVENKEEL_TESTS_MODEL_PACKING_ORACLE_H

#include "models/packing/packing.h"
#include "tests/model/fleet_families.h"

/* Packing problems small enough to try everything, and what that gives, in code that shares nothing
 * with the models. */
enum { TINY_ITEMS = 8, TINY_BINS = 4, TINY_ROOMS = 3 };

struct tiny {
    struct packing_problem problem; /* it points into this struct */
    int size[TINY_ITEMS * TINY_ROOMS], room[TINY_BINS * TINY_ROOMS], current[TINY_ITEMS];
    int price[TINY_ITEMS], price_in[TINY_ITEMS * TINY_BINS], moves[TINY_ITEMS];
    int apart_first[4], apart_item[3 * TINY_ITEMS];
    bool allowed[TINY_ITEMS * TINY_BINS];
};
void tiny_draw(unsigned seed, struct tiny *ret);

/* The best of all plans: fewest stopped that run now, then fewest stopped, then the cheapest moves.
 * Items that are held[i] stay where they are (NULL: nobody), at most max_moves others move, and bin
 * `lost` (-1: none) takes nobody. Those with is_out[i] stay stopped (NULL: nobody does).
 * stopped is n_items + 1 when no plan keeps all that. */
struct oracle_plan {
    size_t stopped, halted;
    int64_t cost;
};
struct oracle_question {
    const bool *held, *is_out;
    size_t max_moves;
    int lost;
};
struct oracle_plan oracle_best(const struct packing_problem *problem,
                               const struct oracle_question *question);

/* Checks a solution and all that it claims. NULL, or what is wrong. */
const char *packing_breach(const struct packing_problem *problem,
                           const struct packing_solution *solution);
/* The heaviest set that a bin can hold, by trying all sets (n_items <= 20), or in a table where sizes
 * of the first resource are multiples of 512 and there are two. */
int64_t oracle_heaviest(const struct packing_problem *problem, const int64_t *weight, int bin);
/* What a certificate proves; -1: its numbers are wrong. */
int64_t oracle_certified(const struct packing_problem *problem,
                         const struct packing_certificate *certificate);

struct packing_problem fleet_case_packing(const struct fleet_case *fleet);

#endif
