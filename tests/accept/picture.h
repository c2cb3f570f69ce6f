/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_ACCEPT_PICTURE_H
#define EVENKEEL_TESTS_ACCEPT_PICTURE_H

#include "planner/base/err.h"
#include "tests/accept/cpu_monitor.h"
#include "tests/accept/memory_monitor.h"

/* What the monitor saw of a case as a page, by the code of evenkeelctl report. Nothing where path is NULL.
 * 0, or a negative errno with a sentence. */
int picture_cpu(const char *path, const char *title, const struct cpu_record *record,
                struct err *err);
int picture_memory(const char *path, const char *title, const struct memory_record *record,
                   struct err *err);

#endif
