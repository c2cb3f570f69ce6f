/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_PLACE_H
#define EVENKEEL_AGENT_SIMULATED_PLACE_H

#include "agent/base/stop.h"
#include "planner/base/err.h"

/* Where a scenario is from: files that it names are read from the same folder. */
struct scenario_place {
    const char *folder;
    const struct stop *stop; /* asked while they are read; may be NULL */
};

enum { PLACE_NAME_SIZE = 4096, PLACE_PATH_SIZE = 2 * PLACE_NAME_SIZE };

/* The path of a file that a member of the scenario names. 0, or -EINVAL where place is NULL: the
 * scenario is no file. */
int place_path(const struct scenario_place *place, const char *member, const char *name,
               char ret[PLACE_PATH_SIZE], struct err *err);

#endif
