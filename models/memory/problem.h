/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_MEMORY_PROBLEM_H
#define EVENKEEL_MODELS_MEMORY_PROBLEM_H

#include <stddef.h>
#include <stdint.h>

#include "models/base/work.h"
#include "models/lp/lp.h"
#include "models/lp/solver.h"

/* How much memory each guest should hold. All data are integers in KiB, so that every bound is an
 * exact certificate. What a guest may hold is cut into layers; memory in a higher layer of any guest
 * is worth more than memory in a lower layer of any other (README.md, "Guest memory"):
 *
 *   lower .. floor    FLOOR  what the guest is guaranteed
 *   floor .. cached   CACHE  disk cache that it could drop
 *   cached .. wish    WISH   room for the growth of the next interval
 *   wish .. rest      REST   idle memory that may stay where it is
 *   rest .. current   IDLE   idle memory that is to go
 */
enum memory_layer { MEMORY_FLOOR, MEMORY_CACHE, MEMORY_WISH, MEMORY_REST, MEMORY_IDLE };
#define MEMORY_LAYERS 5
const char *memory_layer_text(enum memory_layer layer); /* "floor", "cache", ... */

struct memory_item {
    int64_t lower_kib;   /* the least that this interval may leave it; <= current */
    int64_t floor_kib;   /* 0 <= floor <= cached <= wish <= rest */
    int64_t cached_kib;  /* */
    int64_t wish_kib;    /* */
    int64_t rest_kib;    /* */
    int64_t current_kib; /* what it holds or has been promised */
    int weight;          /* share of CACHE, WISH and REST memory, 1..10000; 100 is usual */
};

struct memory_problem {
    size_t n_items;
    const struct memory_item *items;
    int64_t capacity_kib; /* for all of them together; may be less than the sum of lower */
    /* Fair shares are not enforced more finely than this (at weight 100), to leave memory where it
     * is: levels within it of the fair level count as equal. */
    int64_t fair_step_kib;
    const char *const *labels; /* [n_items] for comments in the LP text, or NULL */
};
/* -EINVAL when orders, signs or weights make no sense; memory_solve() checks with this itself. */
int memory_problem_check(const struct memory_problem *problem);

/* Where memory runs out: the layers above `scarce` are full, those below are empty, and within it
 * every guest is filled up to the same level (KiB per 100 weight above the layer's foot; for FLOOR,
 * KiB below the floor, negative). When all fits, scarce is MEMORY_IDLE and level is 0. */
struct memory_level {
    enum memory_layer scarce;
    int64_t level_kib;
    int64_t short_kib; /* by which even the lower sizes do not fit */
};
void memory_level(const struct memory_problem *problem, struct memory_level *ret);
/* Foot and head of a layer of one item, as far as it lies above lower; head - foot is its length. */
void memory_layer_range(const struct memory_item *item, enum memory_layer layer, int64_t *ret_foot,
                        int64_t *ret_head);
/* Where the item's level in a layer is 0, and by how many KiB its size rises with each KiB of level. */
int64_t memory_layer_origin(const struct memory_item *item, enum memory_layer layer);
double memory_layer_rate(const struct memory_item *item, enum memory_layer layer);
/* The size at which an item stands at this level of a layer, within that layer. */
int64_t memory_size_at(const struct memory_item *item, enum memory_layer layer, int64_t level_kib);

/* ---- Segments: the layers as pieces of constant price. ---- */

struct memory_segment {
    size_t item;
    enum memory_layer layer;
    int64_t length_kib;
    int price; /* per KiB; an IDLE segment's is negative: holding it costs */
};
struct memory_segments {
    struct memory_segment *at; /* of one item ascending, and their prices descending */
    size_t n, room;
    struct memory_level level;
    int64_t spare_kib; /* capacity beyond the sum of lower; may be negative */
};
enum { MEMORY_SHORT_PRICE = 100 }; /* of a KiB by which the lower sizes overdraw the capacity */
/* Rebuilds *segments, whose memory is reused; zero it before the first time. 0 or -ENOMEM. */
int memory_segments_build(const struct memory_problem *problem, struct memory_segments *segments);
void memory_segments_done(struct memory_segments *segments);

/* The exact price of any sizes: every KiB of a segment with a positive price that is not held, every
 * KiB of a negative one that is, and every KiB beyond the capacity. Sizes outside lower..upper (the
 * largest of lower, rest and current) count in violations. */
struct memory_price {
    int64_t cost; /* price times KiB */
    int64_t over_kib;
    size_t violations;
};
void memory_price(const struct memory_problem *problem, const struct memory_segments *segments,
                  const int64_t *sizes_kib, struct memory_price *ret);
/* No sizes cost less than this, whatever lambda is (0..MEMORY_SHORT_PRICE; weak duality): exact. */
int64_t memory_dual_bound(const struct memory_segments *segments, int lambda);

/* ---- Solving ---- */

enum memory_method {
    MEMORY_METHOD_SIMPLEX, /* GLPK's optimum */
    MEMORY_METHOD_FILL,    /* GLPK had no answer; the greedy fill, which the bound judges as well */
};

struct memory_solution {
    enum solve_status status; /* OPTIMAL, or FEASIBLE when the bound does not prove it */
    enum memory_method method;
    int64_t *sizes_kib; /* [n_items] owned */
    size_t n_items;
    struct memory_level level;
    int lambda; /* dual of the capacity: the price of the segment that the next KiB would go to */
    /* price times MiB; hold is changing nothing. */
    double objective, bound, hold_objective;
    double gap; /* (objective - bound) / objective; 0 when proven */
    struct work work;
};

/* Keeps GLPK and its memory warm from interval to interval. */
struct memory_solver;
struct memory_solver *memory_solver_new(void); /* NULL: out of memory */
void memory_solver_free(struct memory_solver *solver);
/* 0, -ENOMEM or -EINVAL. *ret is set only on 0. */
int memory_solve(struct memory_solver *solver, const struct memory_problem *problem,
                 const struct work *limits, struct memory_solution *ret);
void memory_solution_done(struct memory_solution *solution);

/* The same model with names, for --emit-lp and for other solvers: q_<item>_<k> are the segments,
 * short is the shortage; its optimum is memory_solve()'s. solution may be NULL. 0 or -ENOMEM. */
int memory_lp(const struct memory_problem *problem, const struct memory_solution *solution,
              struct lp **ret);

#endif
