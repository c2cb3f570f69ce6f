/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BASE_ARENA_H
#define EVENKEEL_MODELS_BASE_ARENA_H

#include <stddef.h>

/* Memory that lives as long as one step of a solve: taken piece by piece, given back at once. Start
 * from {0}. */
struct arena {
    struct arena_piece *last;
};

/* Zeroed room for n objects of this size, never NULL for n = 0; NULL: out of memory. */
void *arena_take(struct arena *arena, size_t n, size_t size);
void arena_done(struct arena *arena);

#endif
