/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_LOAD_CSV_H
#define EVENKEEL_AGENT_SIMULATED_LOAD_CSV_H

#include "agent/base/input.h"
#include "agent/simulated/load.h"
#include "planner/base/err.h"

/* Adds what a table of comma-separated values tells (README.md, "Recorded load"); `line`, of n bytes,
 * is its first one, which came from the input. 0, or a negative errno with a sentence that names the
 * file and the line. */
int load_csv_read(const char *path, struct input *input, const char *line, size_t n,
                  struct load *load, struct err *err);

#endif
