/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_SIGNALS_H
#define EVENKEEL_AGENT_BASE_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

#include "planner/base/err.h"

/* SIGINT, SIGTERM and SIGHUP as a readable file descriptor. A signal stays pending in it, so that
 * everybody who asks, in the middle of a solve or at the next wait, gets the same answer without a
 * flag. SIGHUP is a closed terminal and asks to stop as well, so that --restore still works. A
 * signal that is ignored when the program starts, as by nohup, stays ignored. */
struct signals {
    int fd;
    int reload_fd; /* SIGHUP, where it does not ask to stop; or -1 */
    int wake_fd;   /* written to by a thread that has something for the loop (eventfd) */
    sigset_t old_mask;
};

/* Blocks the signals for this thread and those it starts later. can_reload: SIGHUP asks to read the
 * configuration again, and not to stop. 0 or a negative errno. */
int signals_open(struct signals *ret, bool can_reload, struct err *err);
bool signals_are_pending(const struct signals *signals);
/* Whether SIGHUP asked to reload since this was asked last. */
bool signals_take_reload(const struct signals *signals);
/* Whether a thread woke the loop since this was asked last. */
bool signals_take_wake(const struct signals *signals);
/* Takes what is pending and puts the mask back. */
void signals_close(struct signals *signals);

#endif
