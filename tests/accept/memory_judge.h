/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_ACCEPT_MEMORY_JUDGE_H
#define EVENKEEL_TESTS_ACCEPT_MEMORY_JUDGE_H

#include "tests/accept/memory_monitor.h"
#include "tests/accept/verdict.h"

/* The win lines of the four memory cases. */
void memory_judge(double interval_s, const struct memory_record *record, struct case_verdict *ret);

#endif
