/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_JOURNAL_H
#define EVENKEEL_AGENT_JOURNAL_H

#include "agent/base/log.h"
#include "agent/base/originals.h"

/* Originals on disk, so that they survive a crash: written and synced before the first change they
 * are about, read at the next start, and taken out as they are put back. One file for each host and
 * resource in the state folder. */
enum { JOURNAL_PATH_SIZE = 4096 };
struct journal {
    char folder[JOURNAL_PATH_SIZE];
    char name[160];                         /* of the file in it */
    const char *resource, *identity, *boot; /* borrowed */
};

/* 1: there is a file of the resource, of whatever host; 0: there is none; or a negative errno: nobody
 * lets us look. */
int journal_is_there(const char *folder, const char *resource);
/* Opens the folder, makes it where it is missing, and reads what an earlier run left, into
 * ret_originals and its list of those that are gone, in place of what they have; all are gone where the host was booted since. identity: who the host is; boot: its boot's id, or empty where nobody
 * tells it. A file that cannot be read as a journal is set aside with a warning, and nothing is
 * taken from it. 0 or a negative errno with a sentence. */
int journal_open(const char *folder, const char *resource, const char *identity, const char *boot,
                 const struct log *log, struct journal *ret, struct originals *ret_originals,
                 struct err *err);
/* Whether what was written last is not in the folder any more: somebody has taken it away, or has put another
 * folder in its place. */
bool journal_is_lost(const struct journal *journal);
/* Writes beside, syncs and renames; without originals the file goes away. 0 or a negative errno
 * with a sentence; the earlier file is then still whole. A folder that is not there is made. */
int journal_write(const struct journal *journal, const struct originals *originals,
                  struct err *err);

#endif
