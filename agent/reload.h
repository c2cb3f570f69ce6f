/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_RELOAD_H
#define EVENKEEL_AGENT_RELOAD_H

#include "agent/session.h"

/* Reading the configuration again, on SIGHUP or when asked over the bus: all of it or nothing. What cannot be read or is wrong
 * costs a sentence, and what is in force stays. What is right ends the session, and the next one
 * begins with it, in the same process: nothing is put back between them, and whatever an option
 * may change is opened anew. */

/* Options that were in force. They are kept until the process ends: a call to libvirt that hangs
 * may still read them. */
struct option_set {
    struct options options;
    struct option_set *before; /* made */
};

struct reload {
    int argc;
    char **argv;
    bool can_go_back;        /* to what was in force before this session */
    struct option_set *next; /* to be in force; or NULL */
};

/* Whether anybody asked since this was asked last. */
bool reload_asked(const struct session *session);
/* Reads; true where the session has to end for it. */
bool reload_read(struct session *session);
/* Whether the session ends for another. */
bool reload_is_due(const struct session *session);

/* Runs sessions, one for each configuration, until one ends by itself; returns the exit status.
 * run_one() is one session: its exit status; *is_open tells whether it came into being. */
struct reload_run {
    int (*run_one)(void *arg, struct options *options, struct reload *reload, bool *is_open);
    void *arg;
};
int reload_run_all(struct option_set *first, int argc, char **argv, const struct reload_run *run);

#endif
