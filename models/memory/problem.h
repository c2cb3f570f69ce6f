/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_MEMORY_PROBLEM_H
#define EVENKEEL_MODELS_MEMORY_PROBLEM_H

#include <stddef.h>
#include <stdint.h>

/* How much memory each item (a guest) should hold. All data are integers in KiB, so that every
 * bound is an exact certificate. What an item may hold is cut into layers. Memory in a higher layer
 * of any item is worth more than memory in a lower layer of any other (README.md, "Guest memory"):
 *
 *   lower .. floor    FLOOR  what it is guaranteed
 *   floor .. cached   CACHE  disk cache that it could drop
 *   cached .. wish    WISH   room for the growth of the next interval
 *   wish .. rest      REST   idle memory that may stay where it is
 *   rest .. current   IDLE   idle memory that is to go
 * */
enum memory_layer {
    MEMORY_FLOOR,
    MEMORY_CACHE,
    MEMORY_WISH,
    MEMORY_REST,
    MEMORY_IDLE,
    MEMORY_LAYERS
};
const char *memory_layer_text(enum memory_layer layer); /* "floor", "cache", ... */

struct memory_item {
    int64_t lower_kib; /* the least that this interval may leave it; <= current */
    int64_t floor_kib; /* the ends of its layers: 0 <= floor <= cached <= wish <= rest */
    int64_t cached_kib, wish_kib, rest_kib;
    int64_t current_kib; /* what it holds or has been promised */
    int weight;          /* share of CACHE, WISH and REST memory, 1..10000; 100 is usual */
};

struct memory_problem {
    size_t n_items;
    const struct memory_item *items;
    int64_t capacity_kib; /* for all of them together; may be less than the sum of lower */
    /* KiB at weight 100. Levels within this step of the fair level count as equal: fair shares are
     * not enforced more finely, so that memory may stay where it is. */
    int64_t fair_step_kib;
    const char *const *labels; /* [n_items] for comments in the LP text, or NULL */
};
/* -EINVAL when orders, signs or weights make no sense; memory_solve() checks with this itself. */
int memory_problem_check(const struct memory_problem *problem);

/* Where memory runs out: the layers above `scarce` are full, those below are empty, and within it
 * every item is filled up to the same level (KiB per 100 weight above the layer's foot; for FLOOR,
 * KiB below the floor, negative). When all fits, scarce is MEMORY_IDLE and level is 0. */
struct memory_level {
    enum memory_layer scarce;
    int64_t level_kib;
    int64_t short_kib; /* by which even the lower sizes do not fit */
};
void memory_level(const struct memory_problem *problem, struct memory_level *ret);
/* Foot and head of a layer of one item, as far as it lies above lower; head - foot is its
 * length. */
void memory_layer_range(const struct memory_item *item, enum memory_layer layer, int64_t *ret_foot,
                        int64_t *ret_head);
/* Where the item's level in a layer is 0, and by how many KiB its size rises with each KiB of
 * level. */
int64_t memory_layer_origin(const struct memory_item *item, enum memory_layer layer);
double memory_layer_rate(const struct memory_item *item, enum memory_layer layer);
/* The size at which an item stands at this level of a layer, within that layer. */
int64_t memory_size_at(const struct memory_item *item, enum memory_layer layer, int64_t level_kib);

#endif
