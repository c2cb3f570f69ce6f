/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/base/arena.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct arena_piece {
    struct arena_piece *before;
    _Alignas(max_align_t) char bytes[];
};

void *arena_take(struct arena *arena, size_t n, size_t size)
{
    struct arena_piece *piece = NULL;
    bool fits = !size || n <= (SIZE_MAX - sizeof(*piece) - 1) / size;

    if (arena->error == 0 && fits)
        piece = calloc(1, sizeof(*piece) + n * size + 1);
    if (!piece) {
        arena->error = -ENOMEM;
        return NULL;
    }
    piece->before = arena->last;
    arena->last = piece;
    return piece->bytes;
}

int arena_error(const struct arena *arena)
{
    return arena->error;
}

void arena_done(struct arena *arena)
{
    while (arena->last) {
        struct arena_piece *piece = arena->last;
        arena->last = piece->before;
        free(piece);
    }
    arena->error = 0;
}
