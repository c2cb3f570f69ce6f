/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PAGE_LINES_H
#define EVENKEEL_AGENT_PAGE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/base/err.h"

/* The lines of a file, which may be compressed with gzip. Memory is that of its longest line. */
struct lines;

/* 0, or a negative errno with a sentence that names the file. */
int lines_open(const char *path, struct lines **ret, struct err *err);
void lines_free(struct lines *lines);

/* 1: *ret is the next line, with a NUL in the place of its newline, until the next call, and it has *ret_n
 * bytes; 0: there is none any more. One without its newline at the end of the file is no line. -EFBIG:
 * a line of more than 32 MiB; -EBADMSG: what is compressed is damaged or cut off; or what the system
 * says. */
int lines_next(struct lines *lines, char **ret, size_t *ret_n);
/* Whether bytes stood behind the last newline. */
bool lines_is_cut(const struct lines *lines);

/* How much of the file was read, and its size, in bytes as they lie there; 0: it is none. */
double lines_done(const struct lines *lines);
double lines_total(const struct lines *lines);

#endif
