/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_INPUT_H
#define EVENKEEL_AGENT_BASE_INPUT_H

#include <stddef.h>
#include <sys/types.h>

#include "agent/base/stop.h"

/* Files that may be pipes: nothing is waited for without asking whether to stop, and nothing
 * without a limit is read into memory. */
struct input;

/* 0 or a negative errno. stop is borrowed and may be NULL. */
int input_open(const char *path, const struct stop *stop, struct input **ret);
void input_free(struct input *input);

/* The next line with its newline, which the last one may lack. No zero ends it. It stays valid
 * until the next call. Returns its length, 0 at the end of the file, or a negative errno: -EFBIG
 * beyond max_bytes, -ECANCELED when asked to stop. */
ssize_t input_line(struct input *input, size_t max_bytes, char **ret);
/* All that is left, likewise, but malloc'ed and ended by a zero that does not count. */
ssize_t input_all(struct input *input, size_t max_bytes, char **ret);
/* How much of a file was read, of 1; NAN of a pipe. */
double input_share(const struct input *input);

#endif
