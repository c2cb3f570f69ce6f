/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_ANSWER_H
#define EVENKEEL_AGENT_ONE_ANSWER_H

#include <stdio.h>

#include "agent/one/decide.h"

/* PLAN of the published schema on one line. Without an action it is what the schema does not foresee and oned
 * skips without a word; no answer at all it would take for an error. */

struct one_action {
    int vm, host, store;
    bool is_deploy;
    size_t n_nics;
    const int *nic, *net;
};
void one_answer_begin(FILE *out, int64_t plan);
void one_answer_action(FILE *out, const struct one_action *action);
void one_answer_end(FILE *out);

/* What is said about it, on standard error, where oned's driver takes each line that begins with a level for
 * one of its log, and of the VM that is named next: "INFO: 12 ...". A line without one is what has failed. */
enum one_level { ONE_INFO, ONE_WARN, ONE_ERROR };
enum { ONE_NO_VM = -1 };
void one_say(FILE *log, enum one_level level, int vm, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* About the whole of it. */
void one_say_decision(FILE *log, const struct one_picture *picture, enum one_job job,
                      const struct one_decision *decision);
void one_say_limits(FILE *log, const struct one_limits *limits, const char *path,
                    size_t migrations);

#endif
