/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HISTORY_RING_H
#define EVENKEEL_AGENT_HISTORY_RING_H

#include "agent/history/figures.h"

/* The last lines of a kind in memory: of the last max_age_s, or a little more after a gap, and no more than max_bytes. Where that is
 * too little, one that thins keeps the whole time and only every second line of it, or every fourth;
 * another one forgets the oldest. */

/* Where in the files a line is, or would be next. */
struct mark {
    int64_t start_s; /* of its file; 0: there is none */
    uint64_t offset;
};

struct ring_line {
    int64_t t_s;
    uint64_t number; /* counts up, from 1 */
    struct mark mark;
    struct names *names; /* NULL: it needs none */
    char *text;          /* with its newline */
    size_t n_bytes;
};
struct ring {
    int64_t max_age_s;
    size_t max_bytes;
    bool thins;
    struct ring_line *lines; /* owned; a circle */
    size_t room, first, n;
    size_t n_bytes;
    uint64_t next; /* number */
    uint64_t pace; /* every so many intervals are kept; 0 is 1 */
};

/* Whether the ring wants the next line: ask before it is made. Counts it, where it is left out. */
bool ring_wants(struct ring *ring);
/* Takes text over, also where it fails, and one more reference to names. 0 or -ENOMEM. */
int ring_add(struct ring *ring, int64_t t_s, struct mark mark, struct names *names, char *text);
/* The i-th oldest of ring->n. */
const struct ring_line *ring_at(const struct ring *ring, size_t i);
void ring_done(struct ring *ring);

#endif
