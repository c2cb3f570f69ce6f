/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_STATE_FOLDER_H
#define EVENKEEL_AGENT_BASE_STATE_FOLDER_H

#include <stddef.h>

#include "planner/base/err.h"

/* Where a program keeps what has to outlive it: what it found at first, pauses, history, evidence. */

/* The services'. */
extern const char state_folder_of_services[];
/* The one that is named: by option, the value of --state, or without it (NULL) by systemd's
 * STATE_DIRECTORY, of which the first counts. 0 or -ENOENT. */
int state_folder_named(const char *option, char *ret, size_t size);
/* That one, or else /var/lib/evenkeel, and for ordinary users XDG_STATE_HOME/evenkeel or
 * ~/.local/state/evenkeel. 0 or -ENOENT. */
int state_folder_usual(const char *option, char *ret, size_t size);
/* Makes what is missing on the way, and opens it as owned_folder_open() does. */
int state_folder_open(const char *path, struct err *err);

#endif
