/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PROGRAM_H
#define EVENKEEL_AGENT_PROGRAM_H

#include "agent/session.h"

/* Both mains: options, session, run, exit status (0 asked to stop, 1 could not start or run or a
 * replay differed, 2 usage). */
int program_main(enum program program, int argc, char **argv,
                 int (*run)(struct session *session, struct err *err));

#endif
