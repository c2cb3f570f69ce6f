/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CLIENT_REPORT_SOURCE_H
#define EVENKEEL_AGENT_CLIENT_REPORT_SOURCE_H

#include "agent/base/progress.h"
#include "agent/client/client.h"
#include "agent/page/run.h"

/* What a page is made from. Each gives runs that are the caller's. */
enum { REPORT_MAX_RUNS = 2 };
struct report_runs {
    struct run *list[REPORT_MAX_RUNS];
    size_t n;
};

/* A recording or a file of the history, compressed or not. 0, or a negative errno with a sentence; -EINVAL:
 * it is neither, or --from or --to is no time. What could be read before something damaged is there. */
int report_from_file(const struct request_line *line, struct progress *progress,
                     struct report_runs *ret, struct err *err);
/* The history: over the bus of a program that runs, else from its files. 0, or a negative errno with a
 * sentence; -ENOENT: there is none. */
int report_from_history(const struct request_line *line, int64_t now_s, struct progress *progress,
                        struct report_runs *ret, struct err *err);

#endif
