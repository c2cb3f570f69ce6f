/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_ACCEPT_VERDICT_H
#define EVENKEEL_TESTS_ACCEPT_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* One run's verdict: every line that has to be won, with its value and its limit. */

enum relation { AT_MOST, AT_LEAST, EXACTLY };

struct win_line {
    char name[48];
    double value, limit;
    enum relation relation;
};

enum { MAX_WIN_LINES = 24 };

struct case_verdict {
    struct win_line lines[MAX_WIN_LINES];
    size_t n_lines;
};

void case_verdict_add(struct case_verdict *verdict, const char *name, double value,
                      enum relation relation, double limit);
bool win_line_is_won(const struct win_line *line);
bool case_verdict_is_won(const struct case_verdict *verdict);
/* "pins 6 = 6, after 0 <= 0, ...": a lost line in capitals. */
void case_verdict_print(const struct case_verdict *verdict, FILE *out);

#endif
