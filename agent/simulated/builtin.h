/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_BUILTIN_H
#define EVENKEEL_AGENT_SIMULATED_BUILTIN_H

#include <stdio.h>

#include "planner/base/err.h"

/* Built-in scenarios are written as the same JSON that a file would hold, so there is one way in
 * and the format is known to suffice. A name is the scenario and its variations:
 * "cpu-5:high:16x8". */

/* The text of a built-in scenario, malloc'ed. 0, -ENOENT, -EINVAL (a variation that is not known)
 * or -ENOMEM. */
int builtin_text(const char *name, char **ret, struct err *err);
/* What --simulate help prints. */
void builtin_list(FILE *out);

#endif
