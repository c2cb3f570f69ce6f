/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_METRICS_METRICS_FILE_H
#define EVENKEEL_AGENT_METRICS_METRICS_FILE_H

#include "agent/metrics/metrics.h"

/* A file of metrics, for node_exporter's textfile collector. A thread writes what is new beside the
 * file and renames it, at most once in five seconds, so that no disk holds an interval up and no reader finds
 * half a file. What fails is said once, and tried again. */
struct metrics_file;

/* NULL: no memory or no thread. */
struct metrics_file *metrics_file_open(const char *path, struct metrics *metrics,
                                       const struct log *log);
/* There is something new to write. NULL is no file. */
void metrics_file_news(struct metrics_file *file);
/* Writes what is still new, or takes the file away with is_over set: nobody is to read for ever what was
 * once so. A disk that hangs is left behind with its thread. NULL is no file. */
void metrics_file_close(struct metrics_file *file, bool is_over);

#endif
