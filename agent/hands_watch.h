/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HANDS_WATCH_H
#define EVENKEEL_AGENT_HANDS_WATCH_H

#include "agent/session.h"

/* Looks each minute what else moves guests on this host, and says what has come and gone. */
void hands_watch(struct session *session);

#endif
