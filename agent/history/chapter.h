/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HISTORY_CHAPTER_H
#define EVENKEEL_AGENT_HISTORY_CHAPTER_H

#include "agent/base/outlet.h"
#include "agent/history/ring.h"
#include "planner/base/err.h"

/* Lines of one kind on disk, in files NAME-SECONDS.jsonl of one folder. SECONDS is when the file was
 * begun; what it holds is older than the next one. A file begins with a line that says what it is,
 * and another begins with each day and where one is an eighth of what all may take. The oldest go:
 * those of 7 days ago, one with each that is begun, so that a clock which is wrong costs no more, and where
 * all of them are too large. Written through an outlet, so a slow
 * disk costs lines and no interval. */
struct chapter {
    int folder;
    char name[64];
    uint64_t max_bytes;
    struct outlet *outlet; /* NULL: no file is open */
    int64_t start_s;       /* of the open file */
    uint64_t offset;       /* bytes that it had and that were handed over to it */
    struct names *names;   /* written to it last */
    bool is_spoilt;        /* writing to it failed: what comes next is in another file */
};

enum { CHAPTER_DAYS = 7, CHAPTER_NAME_SIZE = 96, MAX_CHAPTER_FILES = 512 };

/* Files that were set aside (owned_file.h): those that do not begin as they should, and those that begin more
 * than a day after now, which a clock has made that was wrong. */
struct chapter_aside {
    size_t n_damaged, n_ahead;
};
#define CHAPTER_AHEAD                                                                              \
    "%zu files of the history are of days to come, as a clock that was wrong has them, and are "   \
    "set "                                                                                         \
    "aside"
/* Takes up what is there, and counts in *aside. Nothing is written. The folder is borrowed. */
void chapter_open(int folder, const char *name, uint64_t max_bytes, int64_t now_s,
                  struct chapter *ret, struct chapter_aside *aside);
void chapter_close(struct chapter *chapter);

/* Appends a line, behind its names where they are others than before (NULL: none). Returns in *ret
 * where it is, or would be: never before what is in the files already. 0, or a negative errno with a sentence;
 * the next one is written to another file. CHAPTER_IS_ASIDE, with a sentence: it is written, and files of days
 * to come were set aside. */
enum { CHAPTER_IS_ASIDE = 1 };
int chapter_add(struct chapter *chapter, int64_t t_s, struct names *names, const char *line,
                struct mark *ret, struct err *err);

/* When the oldest file was begun, 0: there is none; and whether the files are so large that older ones may
 * have gone. */
int64_t chapter_since(const struct chapter *chapter, bool *ret_is_full);
/* The starts of the files that are there, ascending; how many, at most MAX_CHAPTER_FILES. Any thread. */
size_t chapter_files(int folder, const char *name, int64_t ret[MAX_CHAPTER_FILES]);
void chapter_file_name(const char *name, int64_t start_s, char ret[CHAPTER_NAME_SIZE]);

#endif
