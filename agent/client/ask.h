/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CLIENT_ASK_H
#define EVENKEEL_AGENT_CLIENT_ASK_H

#include <systemd/sd-bus.h>

#include "agent/client/client.h"

/* One command under way with both programs. */
struct asking {
    sd_bus *bus; /* NULL: there is none */
    const struct request_line *line;
    size_t n_running, n_failed, n_done;
    json_t *all;    /* answers, with --json */
    char *text;     /* owned; printed at the end where it is not NULL */
    char said[400]; /* the first sentence of what failed */
};

/* How it is asked. */
enum {
    ASKING_NAMED = 1, /* the argument may name the one program that is asked */
    ASKING_ALONE = 2, /* one() has something to say without a bus as well */
};

/* Asks both programs by one() for each. Prints what is in all with --json, and says what went wrong.
 * Returns the exit status. */
int asking_run(const struct request_line *line, unsigned flags,
               void (*one)(struct asking *asking, enum program program));

/* Calls one program; the answer is to be unreferenced. NULL: it does not run, which counts nowhere, or
 * it failed. */
sd_bus_message *asking_call(struct asking *asking, enum program program, bool is_control,
                            const char *method, const char *types, ...);
/* The same with arguments that append() writes. */
sd_bus_message *asking_call_with(
    struct asking *asking, enum program program, bool is_control, const char *method,
    int (*append)(sd_bus_message *message, const struct request_line *line, enum program program));
/* The answer's text as JSON; takes the answer over. */
json_t *asking_json(sd_bus_message *answer);

/* A sentence on standard error. Returns CLIENT_FAILED. */
int client_complain(const char *text);

#endif
