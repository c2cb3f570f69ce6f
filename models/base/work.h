/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BASE_WORK_H
#define EVENKEEL_MODELS_BASE_WORK_H

#include <stdbool.h>
#include <stdint.h>

/* How much work a plan may cost and how much it has cost. A search that is limited by counts gives
 * the same plan on every machine. The clock is only a backstop, and it lives outside this layer:
 * the caller's stop() says whether to give up now (a signal came, or the backstop passed). stop may
 * be NULL. The first to hear true from stop() sets stopped, and from then on every step returns its
 * best so far. */
struct work {
    /* limits; 0 means none */
    int64_t max_evaluations; /* Lagrangian bound evaluations */
    int64_t max_kcells;      /* cells, exchanges and prices looked at, in thousands */
    int64_t max_pivots;      /* simplex iterations */
    int64_t max_nodes;       /* branch-and-bound nodes */
    int64_t max_bytes;       /* memory: a step that would take more is left out beforehand */
    bool (*stop)(void *arg);
    void *stop_arg;
    /* The caller's clock, to say how long a part took. NULL: nobody asks. No decision reads it. */
    uint64_t (*clock_ns)(void);
    /* counts */
    int64_t evaluations, kcells, pivots, nodes;
    bool stopped;
    int64_t held_bytes; /* what a solve holds that others of the same work run within */
};

/* Adds cells that the caller counts one by one: its running total before and now. */
void work_count_cells(struct work *work, int64_t before, int64_t now);
/* Pivots of a large program take longer than those of a small one: each looks at so many cells. The work
 * for such a program, with no more pivots than the cells that are left pay for; and what it did, paid
 * for in pivots, nodes and cells. */
struct work work_for_pivots(const struct work *work, int64_t cells);
void work_pay_pivots(struct work *work, const struct work *own, int64_t cells);
/* How many bytes are left beside what is held (INT64_MAX: no limit), and whether a step may take so many. */
int64_t work_bytes_left(const struct work *work);
bool work_has_room(const struct work *work, int64_t bytes);
/* True once a limit is reached or the caller asked to stop. */
bool work_exhausted(struct work *work);

#endif
