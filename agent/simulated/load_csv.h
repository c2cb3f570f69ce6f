/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_LOAD_CSV_H
#define EVENKEEL_AGENT_SIMULATED_LOAD_CSV_H

#include "agent/base/stop.h"
#include "agent/simulated/load.h"
#include "planner/base/err.h"

/* Adds what a table of comma-separated values tells (README.md, "Recorded load"). 0, or a negative
 * errno with a sentence that names the file and the line. stop may be NULL. */
int load_csv_read(const char *path, const struct stop *stop, struct load *load, struct err *err);

#endif
