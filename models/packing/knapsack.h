/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_KNAPSACK_H
#define EVENKEEL_MODELS_PACKING_KNAPSACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/base/work.h"

/* The most valuable items for one bin, in a table over two resources. Start from zero, set rooms, items
 * and n; knapsack_done() gives the tables back. */
struct knapsack_item {
    const int *size; /* [rooms] */
    int64_t value;
    int count; /* how many of them there are; 0: not for this bin */
    int set; /* at most one of all with the same number, which stand together; -1: as many as fit */
    int taken; /* the answer */
};
struct knapsack {
    size_t rooms, n;
    struct knapsack_item *items;
    /* the tables */
    int32_t *best, *before;
    uint8_t *choice;
    struct knapsack_step *steps;
    size_t n_best, n_choice, n_steps;
};

/* Counts resources a and b only (a == b: one). Where the table would be too large, units are coarser:
 * with fits, sizes are rounded up, so that what is taken fits; else down, so that the value is at least
 * that of every set that fits. INT64_MAX: values too large for the table. 0 or -ENOMEM. */
int knapsack_fill(struct knapsack *knapsack, const int *room, size_t a, size_t b, bool fits,
                  struct work *work, int64_t *ret_value);
/* The least of all such bounds: each two resources, and each one alone with items in parts. taken is of
 * the last two. Values and sizes are below 2^31. 0 or -ENOMEM. */
int knapsack_bound(struct knapsack *knapsack, const int *room, struct work *work,
                   int64_t *ret_value);
void knapsack_done(struct knapsack *knapsack);

#endif
