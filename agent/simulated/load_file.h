/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_LOAD_FILE_H
#define EVENKEEL_AGENT_SIMULATED_LOAD_FILE_H

#include "agent/base/stop.h"
#include "agent/simulated/load.h"
#include "agent/simulated/load_recording.h"

/* Adds what a file tells: a table (load_csv.h), or a recording, of which *ret tells more. 0, or a
 * negative errno with a sentence that names the file and the line. stop may be NULL.
 * recorded_done() is due in both cases. */
int load_file_read(const char *path, const struct stop *stop, struct load *load,
                   struct recorded *ret, struct err *err);

#endif
