/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_PROGRESS_H
#define EVENKEEL_AGENT_BASE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* How far something is that has an end, for people who wait: on a terminal a bar that is drawn again,
 * elsewhere a line every ten seconds. Nothing for the first two seconds. */

enum { PROGRESS_TEXT_SIZE = 200 };

/* "report [#####.....]  50 %, 12 s left", of at most width columns; a line without a bar where width is
 * 0. total <= 0 or not finite: it is not known, and only the time that went by is told. */
void progress_text(const char *what, double done, double total, double elapsed_s, size_t width,
                   char ret[PROGRESS_TEXT_SIZE]);

struct progress {
    const char *what; /* borrowed */
    FILE *out;        /* NULL: nothing is said */
    bool is_terminal;
    size_t width;
    uint64_t start_ns, said_ns;
    bool is_drawn;
};
/* To standard error, or nowhere where is_quiet. */
void progress_begin(struct progress *progress, const char *what, bool is_quiet);
/* As often as there is something new: it says something when that is due. */
void progress_tell(struct progress *progress, double done, double total);
/* The bar goes, before anything else is said; the next telling draws it again. */
void progress_end(struct progress *progress);

#endif
