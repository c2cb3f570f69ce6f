/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_TEXT_FILE_H
#define EVENKEEL_AGENT_SIMULATED_TEXT_FILE_H

#include "agent/base/stop.h"
#include "planner/base/err.h"

/* A whole file as one string, malloc'ed; at most 32 MiB. 0, 1 where it is a recording,
 * which is not read, or a negative errno with a sentence. */
int text_file_read(const char *path, const struct stop *stop, char **ret, struct err *err);

#endif
