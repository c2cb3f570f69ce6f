/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CLIENT_PAST_H
#define EVENKEEL_AGENT_CLIENT_PAST_H

#include "agent/client/ask.h"

/* The history of one program, as pages of it come (agent/history/history.h). */

/* Gives each page of the lines of a kind since then to take, which returns false where it wants no more. false:
 * it does not run, or it failed, which asking has then. */
bool past_pages(struct asking *asking, enum program program, const char *kind, int64_t since_s,
                bool (*take)(void *arg, const char *page), void *arg);

/* An array of the lines of a kind since then; with a guest given, changes of others are left out, and of
 * minutes its own figures are left: {"t": .., "verdict": .., "used_permille": .., ...}. NULL: it does not
 * run, or it failed, which asking has then. */
json_t *past_read(struct asking *asking, enum program program, const char *kind, int64_t since_s,
                  const char *guest);

/* " since 2026-11-30 03:12:07", and where it is in memory only that too; "": it is not known. Of a member
 * "history" of an answer. */
const char *past_since(const json_t *known, char *ret, size_t size);

/* One line for each change. The last max of them. Returns how many. */
size_t past_show_changes(const json_t *lines, size_t max);

/* history, as evenkeelctl(1) has it. */
int past_run(const struct request_line *line);

#endif
