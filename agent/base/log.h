/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_LOG_H
#define EVENKEEL_AGENT_BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>
#include <syslog.h>

#include "agent/base/outlet.h"

/* Where messages go: one line each, "program: text" for people, "<priority>text" for the journal,
 * which is recognised by JOURNAL_STREAM naming the stream's own device and inode (systemd.exec(5)).
 * Only the agent logs. */
struct log {
    FILE *stream;
    const char *program; /* borrowed */
    int level;           /* LOG_WARNING when quiet, LOG_INFO, LOG_DEBUG when verbose */
    bool journal;
    struct outlet *outlet;  /* where lines go; NULL: straight to the stream */
    struct outlet *entries; /* where events go (event.h); NULL: no journal listens */
    const char *identifier; /* of entries; borrowed */
};

void log_init(struct log *ret, FILE *stream, const char *program, int level);
/* priority is LOG_ERR ... LOG_DEBUG of syslog.h. Control characters in the text become '?'. A NULL
 * log is silent. */
void log_line(const struct log *log, int priority, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Opens the way for entries where the stream is the journal. log_done() is due. */
void log_open_entries(struct log *log, const char *identifier);

/* A copy that may outlive the log that it is of, until log_done(). */
struct log log_share(const struct log *log);
void log_done(struct log *log);

#endif
