/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_TEXT_FILE_H
#define EVENKEEL_AGENT_SIMULATED_TEXT_FILE_H

#include "planner/base/err.h"

/* A whole file as one string, malloc'ed; at most 64 MiB. 0 or a negative errno with a sentence. */
int text_file_read(const char *path, char **ret, struct err *err);

#endif
