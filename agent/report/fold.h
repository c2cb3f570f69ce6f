/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_FOLD_H
#define EVENKEEL_AGENT_REPORT_FOLD_H

#include <stddef.h>
#include <stdio.h>

/* Lines that fit a terminal of 80 columns: what is longer goes on below, indented. A word that is longer
 * than a line stays whole. */
enum { FOLD_COLUMNS = 80 };

struct fold {
    FILE *out;
    size_t column; /* of the line under way */
    size_t indent; /* of the lines below it */
};

/* The line under way has so many columns already. */
struct fold fold_begin(FILE *out, size_t column, size_t indent);
/* Words at spaces; spaces between words that stay on one line are kept. */
void fold_text(struct fold *fold, const char *text);
void fold_print(struct fold *fold, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fold_end(struct fold *fold);
/* One line of its own. */
void fold_line(FILE *out, size_t indent, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
