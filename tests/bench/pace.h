/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_PACE_H
#define EVENKEEL_TESTS_BENCH_PACE_H

#include "agent/base/progress.h"

/* How far a benchmark is, on standard error (agent/base/progress.h). Its parts have weights, as what they
 * will take. */
struct pace {
    struct progress progress;
    double done, total;
};
/* program is borrowed: its path, or its name. */
void pace_begin(struct pace *pace, const char *program, bool is_quiet, double total);
void pace_did(struct pace *pace, double weight);
/* Before a line is printed, and at the end: a bar goes, until more is done, maybe of weight 0. */
void pace_clear(struct pace *pace);

#endif
