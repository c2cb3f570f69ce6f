/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HISTORY_CHAPTER_H
#define EVENKEEL_AGENT_HISTORY_CHAPTER_H

#include "agent/base/outlet.h"
#include "agent/history/ring.h"
#include "planner/base/err.h"

/* Lines of one kind on disk, in files NAME-SECONDS.jsonl of one folder. SECONDS is when the file was
 * begun; what it holds is older than the next one. A file begins with a line that says what it is,
 * and another begins with each day and where one is an eighth of what all may take. The oldest go:
 * those of 7 days ago, and where all of them are too large. Written through an outlet, so a slow
 * disk costs lines and no interval. */
struct chapter {
    int folder;
    char name[64];
    uint64_t max_bytes;
    struct outlet *outlet; /* NULL: no file is open */
    int64_t start_s;       /* of the open file */
    uint64_t offset;       /* bytes that it had and that were handed over to it */
    struct names *names;   /* written to it last */
};

enum { CHAPTER_DAYS = 7, CHAPTER_NAME_SIZE = 96, MAX_CHAPTER_FILES = 512 };

/* Takes up what is there: a file that does not begin as it should is set aside (owned_file.h), and
 * *n_damaged counts. Nothing is written. The folder is borrowed. */
void chapter_open(int folder, const char *name, uint64_t max_bytes, struct chapter *ret,
                  size_t *n_damaged);
void chapter_close(struct chapter *chapter);

/* Appends a line, behind its names where they are others than before (NULL: none). Returns in *ret
 * where it is, or would be. 0, or a negative errno with a sentence; the next one opens a file anew. */
int chapter_add(struct chapter *chapter, int64_t t_s, struct names *names, const char *line,
                struct mark *ret, struct err *err);

/* When the oldest file was begun, 0: there is none; and whether the files are so large that older ones may
 * have gone. */
int64_t chapter_since(const struct chapter *chapter, bool *ret_is_full);
/* The starts of the files that are there, ascending; how many, at most MAX_CHAPTER_FILES. Any thread. */
size_t chapter_files(int folder, const char *name, int64_t ret[MAX_CHAPTER_FILES]);
void chapter_file_name(const char *name, int64_t start_s, char ret[CHAPTER_NAME_SIZE]);

#endif
