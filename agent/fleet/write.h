/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_WRITE_H
#define EVENKEEL_AGENT_FLEET_WRITE_H

#include <stddef.h>

#include "planner/base/err.h"

/* Writes a file anew; "-" is standard output. 0 or -EIO with a sentence. */
int write_file(const char *path, const char *text, size_t n, struct err *err);

#endif
