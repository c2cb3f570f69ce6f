/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_CONFIG_H
#define EVENKEEL_AGENT_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/base/given.h"
#include "planner/base/err.h"

/* The layers of the configuration, in the order in which they are read: what the package brings,
 * in ../lib/evenkeel/evenkeel.conf beside the program's own folder, if it is there; the file; and
 * "FILE.d/NAME.conf" in the order of their names. of: whose section is taken. */

/* Adds what the files give. 0, or a negative errno with a
 * sentence that names the file, and the line where there is one. */
int config_read(const char *path, int of, struct given *given, struct err *err);

/* Where an installation of this program has the file: below /usr that is in /etc. False: not known. */
bool config_installed(char *ret, size_t size);

#endif
