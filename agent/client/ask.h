/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CLIENT_ASK_H
#define EVENKEEL_AGENT_CLIENT_ASK_H

#include <systemd/sd-bus.h>

#include "agent/client/client.h"

/* One command under way with both programs. */
struct asking {
    sd_bus *bus;
    const struct request_line *line;
    size_t n_running, n_failed, n_done;
    json_t *all;    /* answers, with --json */
    char *text;     /* owned; printed at the end where it is not NULL */
    char said[400]; /* the first sentence of what failed */
};

/* Asks both programs, or the one that the argument names where it may, by one() for each. Prints
 * what is in all with --json, and says what went wrong. Returns the exit status. */
int asking_run(const struct request_line *line, bool names_program,
               void (*one)(struct asking *asking, enum program program));

/* Calls one program; the answer is to be unreferenced. NULL: it does not run, or it failed. */
sd_bus_message *asking_call(struct asking *asking, enum program program, bool is_control,
                            const char *method, const char *types, ...);
/* The answer's text as JSON; takes the answer over. */
json_t *asking_json(sd_bus_message *answer);

/* A sentence on standard error. Returns CLIENT_FAILED. */
int client_complain(const char *text);

#endif
