/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PAGE_RECORDING_H
#define EVENKEEL_AGENT_PAGE_RECORDING_H

#include "agent/page/run.h"
#include "planner/base/err.h"

/* Reading a recording (agent/record/recording.md) into a run, line by line. */
struct recording;

/* header is the first line, which ends with a NUL; [from_s, to_s] is what is wanted: seconds of the wall
 * clock, or from the beginning on where lines have no time of day. 0, or a negative errno with a sentence
 * that names the file. */
int recording_open(const char *path, const char *header, size_t n, double from_s, double to_s,
                   struct recording **ret, struct err *err);
struct run *recording_run(struct recording *recording); /* as far as it was read */
/* The run is the caller's. */
struct run *recording_close(struct recording *recording);

/* One more line, with a NUL behind it. false: it is behind to_s, and so are all that follow. A line that
 * makes no sense is counted. */
bool recording_take(struct recording *recording, const char *line, size_t n);

/* Whether a first line is that of a recording. */
bool recording_is_one(const char *header, size_t n);
/* When a line with a sample was made: seconds of the wall clock where *ret_is_dated, else of a clock of its
 * own. false: it has no time. */
bool recording_time(const char *line, size_t n, double *ret_s, bool *ret_is_dated);

#endif
