/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_MEMORY_SEGMENTS_H
#define EVENKEEL_MODELS_MEMORY_SEGMENTS_H

#include "models/memory/problem.h"

/* The layers as pieces of constant price: what a KiB in them is worth. */
struct memory_segment {
    size_t item;
    enum memory_layer layer;
    int64_t length_kib;
    int price; /* per KiB; an IDLE segment's is negative: holding it costs */
};
struct memory_segments {
    struct memory_segment *at; /* of one item ascending, and their prices descending */
    size_t n, room;            /* room: how many there is space for */
    struct memory_level level;
    int64_t spare_kib; /* capacity beyond the sum of lower; may be negative */
};
enum { MEMORY_SHORT_PRICE = 100 }; /* of a KiB by which the lower sizes overdraw the capacity */
/* Rebuilds *segments, whose memory is reused; zero it before the first time. 0 or -ENOMEM. */
int memory_segments_build(const struct memory_problem *problem, struct memory_segments *segments);
void memory_segments_done(struct memory_segments *segments);

/* The exact cost of any sizes [n_items]. A KiB costs its segment's price where the price is
 * positive and it is not held, and where the price is negative and it is held; a KiB beyond the
 * capacity costs MEMORY_SHORT_PRICE. Sizes outside lower..upper (the largest of lower, rest and
 * current) count in violations. */
struct memory_value {
    int64_t cost; /* price times KiB */
    int64_t over_kib;
    size_t violations;
};
void memory_evaluate(const struct memory_problem *problem, const struct memory_segments *segments,
                     const int64_t *sizes_kib, struct memory_value *ret);
/* No sizes cost less than this, whatever the dual of the capacity is (0..MEMORY_SHORT_PRICE). That
 * is weak duality, in whole numbers and exact (README.md, "The program"). */
int64_t memory_dual_bound(const struct memory_segments *segments, int dual);

#endif
