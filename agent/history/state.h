/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HISTORY_STATE_H
#define EVENKEEL_AGENT_HISTORY_STATE_H

#include <pthread.h>

#include "agent/history/chapter.h"
#include "agent/history/history.h"
#include "agent/history/observe.h"

/* Private to history.c and pages.c. */
struct history {
    enum program program;
    int folder; /* -1: nowhere */
    char name[HISTORY_INTERVALS][40];
    pthread_mutex_t lock; /* for the rings and what follows, which the loop alone changes */
    struct ring rings[HISTORY_KINDS];
    int64_t since_s; /* changes are known; 0: there was nothing yet */
    bool is_failing; /* what was written last is in memory only; said */
    /* What the loop alone knows. */
    int64_t oldest_s; /* begins what is in files; 0: nothing is, or was when it was looked */
    int lock_fd;      /* -1: not kept */
    struct chapter chapters[HISTORY_INTERVALS]; /* those on disk */
    struct names *names;                        /* in force */
    struct counters counters;
    struct figures minute;
    uint64_t shown; /* what a dry run wrote last; 0: nothing */
};

#endif
