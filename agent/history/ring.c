/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/history/ring.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* With each line that comes so many go at most for their age: a clock that is wrong costs little. */
enum { FIRST_ROOM = 64, MAX_OUTDATED = 2 };

static struct ring_line *line_at(const struct ring *ring, size_t i)
{
    assert(i < ring->room);
    return &ring->lines[(ring->first + i) % ring->room];
}

const struct ring_line *ring_at(const struct ring *ring, size_t i)
{
    return line_at(ring, i);
}

/* Names that many lines share are counted with the first of them. */
static size_t cost(const struct ring *ring, size_t i)
{
    const struct ring_line *line = line_at(ring, i);
    bool has_own = line->names && (i == 0 || line_at(ring, i - 1)->names != line->names);

    return sizeof(*line) + line->n_bytes + (has_own ? line->names->n_bytes : 0);
}

static void count_anew(struct ring *ring)
{
    ring->n_bytes = 0;
    for (size_t i = 0; i < ring->n; i++)
        ring->n_bytes += cost(ring, i);
}

static void drop(struct ring_line *line)
{
    names_free(line->names);
    free(line->text);
}

static void drop_first(struct ring *ring)
{
    size_t shared = ring->n > 1 ? cost(ring, 1) : 0;

    ring->n_bytes -= cost(ring, 0);
    drop(line_at(ring, 0));
    ring->first = (ring->first + 1) % ring->room;
    ring->n--;
    if (ring->n > 0)
        ring->n_bytes += cost(ring, 0) - shared;
}

/* Every second one goes, and from now on only every second one comes. */
static void thin(struct ring *ring)
{
    size_t n = 0;

    for (size_t i = 0; i < ring->n; i++) {
        if (i % 2)
            drop(line_at(ring, i));
        else
            *line_at(ring, n++) = *line_at(ring, i);
    }
    ring->n = n;
    ring->pace = 2 * (ring->pace ? ring->pace : 1);
    count_anew(ring);
}

static int make_room(struct ring *ring)
{
    size_t room = ring->room ? 2 * ring->room : FIRST_ROOM;
    struct ring_line *lines;

    if (ring->n < ring->room)
        return 0;
    lines = malloc(room * sizeof(*lines));
    if (!lines)
        return -ENOMEM;
    for (size_t i = 0; i < ring->n; i++)
        lines[i] = *line_at(ring, i);
    free(ring->lines);
    ring->lines = lines;
    ring->room = room;
    ring->first = 0;
    return 0;
}

bool ring_wants(struct ring *ring)
{
    if (ring->pace <= 1 || ring->next % ring->pace == 0)
        return true;
    ring->next++;
    return false;
}

/* What is left out now may have been needed before guests ended. */
static void quicken(struct ring *ring)
{
    if (ring->pace > 1 && ring->n_bytes < ring->max_bytes / 4)
        ring->pace /= 2;
}

/* Or of a time to come, as a clock that was wrong has it. */
static bool is_outdated(const struct ring *ring, int64_t t_s)
{
    int64_t first_s = line_at(ring, 0)->t_s;

    return first_s < t_s - ring->max_age_s || first_s > t_s + ring->max_age_s;
}

int ring_add(struct ring *ring, int64_t t_s, struct mark mark, struct names *names, char *text)
{
    if (make_room(ring) < 0) {
        free(text);
        return -ENOMEM;
    }
    *line_at(ring, ring->n) = (struct ring_line){.t_s = t_s,
                                                 .number = ring->next++,
                                                 .mark = mark,
                                                 .names = names,
                                                 .text = text,
                                                 .n_bytes = strlen(text)};
    if (names)
        names->refs++;
    ring->n_bytes += cost(ring, ring->n++);
    for (int i = 0; i < MAX_OUTDATED && ring->n > 1 && is_outdated(ring, t_s); i++)
        drop_first(ring);
    quicken(ring);
    while (ring->n > 2 && ring->n_bytes > ring->max_bytes) {
        if (ring->thins)
            thin(ring);
        else
            drop_first(ring);
    }
    return 0;
}

void ring_done(struct ring *ring)
{
    for (size_t i = 0; i < ring->n; i++)
        drop(line_at(ring, i));
    free(ring->lines);
    *ring = (struct ring){0};
}
