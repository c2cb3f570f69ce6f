/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_NOTIFY_H
#define EVENKEEL_AGENT_BASE_NOTIFY_H

#include <stdbool.h>

/* What the service manager hears, as sd_notify(3) has it. Where none listens, these do nothing. */

/* Whether one started us and listens. */
bool notify_is_heard(void);
/* Options and state are loaded, or loaded again. */
void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);
/* One line for people. */
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* One turn of the loop is done: an interval, or a wait that notify_status() told of. Only the loop
 * itself says this, so that the watchdog sees one that is stuck. */
void notify_turn(void);
/* The watchdog waits for ten intervals at least. */
void notify_interval(double interval_s);

#endif
