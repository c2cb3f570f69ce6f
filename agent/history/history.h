/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HISTORY_HISTORY_H
#define EVENKEEL_AGENT_HISTORY_HISTORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/base/options.h"
#include "agent/report/report.h"
#include "planner/base/plan.h"

/* What a program has seen and done. The loop adds to it after each interval and waits for nobody;
 * another thread reads pages of it.
 *
 * It is lines of JSON, each an object that begins with "t", the seconds of the wall clock, in three
 * kinds:
 *
 *   changes    one line for each interval that changed something: verdict, objective, bound, gap, and
 *              each change with guest, what was done, from, to, and the reason. Of a dry run, what
 *              it would have changed, where that is not about the same as in the interval before
 *   minutes    one line for each minute, of means: see figures.h and observe.h
 *   intervals  the same of each interval of the last hour, in memory only. Where that is more than
 *              16 MiB, of every second, fourth, ... interval
 *
 * Arrays of minutes and intervals are in the order of the last line before them that has "guests"
 * and "bins". Changes and minutes are kept for 7 days in files of the state folder, of at most 32 MiB
 * for each program (64 for both), and in memory alone where there is none. */
struct history;

enum history_kind { HISTORY_CHANGES, HISTORY_MINUTES, HISTORY_INTERVALS, HISTORY_KINDS };
/* "changes", "minutes", "intervals"; HISTORY_KINDS where it is another word. */
enum history_kind history_kind_of(const char *text);

/* What names of its files begin with: "history-vcpus", behind which "-changes" or "-minutes" follows. */
const char *history_stem(enum program program);

/* NULL: no memory. */
struct history *history_new(enum program program);
/* Keeps it in files of the folder too, beside what is there. 0, or a negative errno with a sentence, and
 * then it is in memory only; likewise -EINVAL where something damaged was set aside, or something of a day to
 * come at now_s of the wall clock, and it goes on. */
int history_keep(struct history *history, const char *folder, int64_t now_s, struct err *err);
/* What is under way is written; another thread must not read any more. NULL is none. */
void history_free(struct history *history);

/* After an interval, at now_s of the wall clock; history may be NULL. 0, or a negative errno with a sentence that was not said
 * before: what cannot be written is in memory all the same. */
int history_add_vcpus(struct history *history, const struct vcpu_sample *sample,
                      const struct vcpu_plan *plan, const struct interval *interval, int64_t now_s,
                      struct err *err);
int history_add_memory(struct history *history, const struct memory_sample *sample,
                       const struct memory_plan *plan, const struct interval *interval,
                       int64_t now_s, struct err *err);

/* Since when changes are known, in seconds of the wall clock; 0: there was nothing yet. *ret_is_kept: in
 * files, so that the next program knows them, and what was written last is there. Any thread. */
int64_t history_since(struct history *history, bool *ret_is_kept);

/* What was put back outside of any plan, an array as history/changes.h has it, which is taken over; how many
 * failed. As above. */
int history_add_put_back(struct history *history, json_t *changes, size_t failed, const char *at,
                         int64_t now_s, struct err *err);

/* Some lines from since_s on, whole ones, of about 128 KiB; minutes and intervals with the names that
 * they are in the order of. cursor is "" at first, and then what the page before gave, which is ""
 * behind the last line. Any thread. 0, -EINVAL: the cursor is none, or -ENOMEM. Both texts are
 * malloc'ed. */
struct history_page {
    char *lines, *next;
};
int history_read(struct history *history, enum history_kind kind, int64_t since_s,
                 const char *cursor, struct history_page *ret);

#endif
