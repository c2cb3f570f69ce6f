/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PAGE_CHRONICLE_H
#define EVENKEEL_AGENT_PAGE_CHRONICLE_H

#include "agent/page/run.h"

/* Reading lines of the history (evenkeelctl(1), History) into a run: changes, minutes and intervals, each
 * kind by ascending time. Changes are best taken first: where a guest ran is known of them alone, and where
 * one of its vCPUs is not among them it is not known. */
struct chronicle;

/* Between from_s and to_s of the wall clock. NULL: no memory. */
struct chronicle *chronicle_new(enum program program, double from_s, double to_s);
/* Lines of figures that come next: between those times, and so far apart; step_s 0: as they come. Until
 * then they are minutes of all the time. */
void chronicle_expect(struct chronicle *chronicle, double from_s, double to_s, double step_s);
struct run *chronicle_run(struct chronicle *chronicle); /* as far as it was read */
/* The run is the caller's. */
struct run *chronicle_close(struct chronicle *chronicle);

/* A line of n bytes. One that makes no sense is counted. Returns its time, NAN: it has none. */
double chronicle_take(struct chronicle *chronicle, const char *line, size_t n);

/* Whether a first line is that of a file of the history, and of which program. */
bool chronicle_is_one(const char *header, size_t n, enum program *ret_program);
/* When a line was made, in seconds of the wall clock. false: it has no time, or only names who others are
 * about, or is a first line. */
bool chronicle_time(const char *line, size_t n, double *ret_s);

#endif
