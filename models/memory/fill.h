/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_MEMORY_FILL_H
#define EVENKEEL_MODELS_MEMORY_FILL_H

#include "models/lp/solver.h"
#include "models/memory/segments.h"

/* The greedy optimum: segments are filled in order of price, and by index where prices are equal,
 * until the capacity ends. The segment in which it ends is the basic one of an optimal basis, so
 * simplex only has to confirm it. */
struct memory_fill {
    int dual;         /* that segment's price; 0: all fits; MEMORY_SHORT_PRICE: nothing does */
    size_t basic;     /* that segment, or SIZE_MAX: the row's slack, or the shortage */
    int64_t part_kib; /* how much of it is filled */
};
void memory_fill(const struct memory_segments *segments, struct memory_fill *ret);
/* How much of segment k is filled, and its place in the basis. */
int64_t memory_filled(const struct memory_segment *segment, size_t k,
                      const struct memory_fill *fill);
enum solver_basis memory_fill_basis(const struct memory_segment *segment, size_t k,
                                    const struct memory_fill *fill);

#endif
