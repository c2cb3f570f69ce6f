/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_MODEL_DRAWN_H
#define EVENKEEL_TESTS_MODEL_DRAWN_H

#include "models/placement/problem.h"

/* Small problems of every kind: masks, capacities, background, floating and idle vCPUs, a bin with most
 * of them, prices of 0. */
enum { DRAWN_ITEMS = 24, DRAWN_BINS = 6 };

struct drawn {
    struct placement_problem problem; /* it points into this struct */
    int demand[DRAWN_ITEMS], current[DRAWN_ITEMS], price[DRAWN_ITEMS * DRAWN_BINS];
    int capacity[DRAWN_BINS], background[DRAWN_BINS], group[DRAWN_ITEMS];
    bool allowed[DRAWN_ITEMS * DRAWN_BINS];
};

struct drawn_kind {
    bool many;     /* nine vCPUs start in one bin */
    bool free;     /* nothing has a price */
    bool hogs;     /* some want a whole bin, and overload costs something */
    bool grouped;  /* they are in two or three groups, and being together costs something */
    bool homes;    /* half of those who have one pay for staying there, some more than elsewhere */
    bool confined; /* half of them to some bins, in one group or two that may overlap */
};

void drawn_problem(unsigned seed, struct drawn_kind kind, struct drawn *ret);
/* The next number below this. */
int drawn_number(unsigned *state, int below);

#endif
