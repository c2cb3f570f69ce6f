/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CLIENT_ASK_H
#define EVENKEEL_AGENT_CLIENT_ASK_H

#include <systemd/sd-bus.h>

#include "agent/client/client.h"

enum { ASKING_SAID_SIZE = 1000 };
/* One command under way with both programs. */
struct asking {
    sd_bus *bus; /* NULL: there is none */
    const struct request_line *line;
    size_t n_running, n_failed, n_done;
    size_t n_unknown;            /* programs that do not know what they were asked for ... */
    size_t n_strange;            /* ... or that did it for a guest that they do not know */
    json_t *all;                 /* answers, with --json */
    char *text;                  /* owned; printed at the end where it is not NULL */
    char said[ASKING_SAID_SIZE]; /* what failed, a sentence of each program */
};

/* How it is asked. */
enum {
    ASKING_NAMED = 1,  /* the argument may name the one program that is asked */
    ASKING_ALONE = 2,  /* one() has something to say without a bus as well */
    ASKING_EITHER = 4, /* it will do where one program knows the guest, or the pause */
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
/* Adds a sentence to what is said in the end. */
void asking_say(struct asking *asking, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The answer's text as JSON; takes the answer over. */
json_t *asking_json(sd_bus_message *answer);

/* A sentence on standard error. Returns CLIENT_FAILED. */
int client_complain(const char *text);

#endif
