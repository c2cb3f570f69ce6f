/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BASE_ARENA_H
#define EVENKEEL_MODELS_BASE_ARENA_H

#include <stddef.h>

/* Memory that lives as long as one step of a solve: taken piece by piece, given back at once. Start
 * from {0}. The first failure stays, so a set-up takes all that it needs and asks arena_error()
 * once, before anything is written. */
struct arena {
    struct arena_piece *last;
    int error;
};

/* Zeroed room for n objects of this size, never NULL for n = 0; NULL: out of memory, now or
 * earlier. */
void *arena_take(struct arena *arena, size_t n, size_t size);
/* 0, or -ENOMEM once a piece could not be had. */
int arena_error(const struct arena *arena);
/* Gives everything back; the arena is as new. */
void arena_done(struct arena *arena);

#endif
