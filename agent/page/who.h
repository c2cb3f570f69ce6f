/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PAGE_WHO_H
#define EVENKEEL_AGENT_PAGE_WHO_H

#include "agent/page/run.h"

/* Who went without in a run, when it was worst, and why: what a newcomer looks for. */
struct sufferer {
    size_t guest;
    bool is_told; /* it is worth telling of */
    double whole; /* of all the run: percent of the time that it wanted, or MiB on average */
    double worst; /* the same of the worst column */
    size_t begin, column,
        end; /* columns around it that were at least half as bad; end is the last */
};

/* What a guest went without in a column: percent of the time that it wanted and waited, or MiB that it
 * needed beyond its size. NAN: nothing is known. */
double who_lost(const struct run *run, size_t guest, size_t column);

/* Whether it is known of any guest what it went without, or how full it was. */
bool who_is_known(const struct run *run);

/* All guests of the run, [n_guests], who went without most first; malloc'ed. NULL: no memory. Of the first
 * *ret_n of them it is worth telling. */
struct sufferer *who_suffered(const struct run *run, size_t *ret_n);

/* Sentences, plain text: what it went without, why, and what was done about it. */
enum { WHO_TEXT_SIZE = 1200 };
void who_why(const struct run *run, const struct sufferer *who, char ret[WHO_TEXT_SIZE]);
void who_done(const struct run *run, const struct sufferer *who, char ret[WHO_TEXT_SIZE]);

#endif
