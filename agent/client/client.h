/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CLIENT_CLIENT_H
#define EVENKEEL_AGENT_CLIENT_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/base/options.h"
#include "planner/base/err.h"

/* evenkeelctl(1): what it asks the running programs over D-Bus, and how the answers look. */

enum { CLIENT_FAILED = 1, CLIENT_USAGE = 2, CLIENT_NONE_RUNS = 3 };

/* What the command line says. Strings are borrowed from argv. */
enum { MAX_ASKED = 64 };
struct floor_asked {
    char guest[256];
    uint64_t mib;
};
struct request_line {
    const char *command;
    const char *argument; /* a guest, or "vcpu" or "memory"; or NULL */
    bool json;
    const char *config;          /* file, or NULL: the installed one */
    uint64_t for_s;              /* 0: without an end */
    const char *connect, *state; /* of programs that are started for release; or NULL */
    bool once, batch, csv;       /* of top */
    uint64_t every_s;            /* likewise; 0: a second */
    int64_t since_s;             /* of the wall clock; 0: all that there is */
    const char *from, *to;       /* of a report; or NULL */
    const char *output;          /* where the report goes; or NULL */
    bool quiet;                  /* no progress is told */
    /* What plan supposes. */
    const char *without[MAX_ASKED]; /* [n_without] */
    size_t n_without;
    const char *reserve; /* pCPUs, or NULL */
    struct floor_asked floors[MAX_ASKED];
    size_t n_floors;
};

/* Options, as places in the table of evenkeelctl.c and as bits of a set. */
enum client_option {
    OPTION_JSON,
    OPTION_FOR,
    OPTION_CONFIG,
    OPTION_CONNECT,
    OPTION_STATE,
    OPTION_SINCE,
    OPTION_OUTPUT,
    OPTION_FROM,
    OPTION_TO,
    OPTION_QUIET,
    OPTION_WITHOUT,
    OPTION_RESERVE,
    OPTION_FLOOR,
    OPTION_ONCE,
    OPTION_BATCH,
    OPTION_CSV,
    OPTION_EVERY,
    CLIENT_OPTIONS
};

/* One command of evenkeelctl; the help and the shells' completions are made of the table. */
struct client_command {
    const char *name;
    const char *argument; /* its name; NULL: none is taken */
    bool needs_argument;
    unsigned options; /* that go with it: a set of 1u << OPTION_... */
    const char *help;
    int (*run)(const struct request_line *line); /* returns the exit status */
};
extern const struct client_command client_commands[];
extern const size_t n_client_commands;

/* Of an answer: before and the time that it is of, " at 2026-11-30T03:12:07+01:00"; "" where it has none, as
 * of a simulated host. Returns ret. */
enum { CLIENT_AT_SIZE = 120 };
const char *client_at(const char *before, const json_t *answer, char ret[CLIENT_AT_SIZE]);
/* An answer for people. */
void client_show_status(const json_t *status);
void client_show_why(enum program program, const json_t *why);

/* Metrics of two programs as one text, malloc'ed: each family once, with the lines of both. before may
 * be NULL: none yet. NULL without memory. */
char *client_join_metrics(const char *before, const char *more);
/* The settings that are in force, or those of the files where none runs. */
int client_show_config(const struct request_line *line);
/* What stands between the programs and their work. */
int client_doctor(const struct request_line *line);
/* The files of --config, or the installed ones. 0, or a negative errno with a sentence;
 * options_done() is due where it is 0. */
int client_read_config(const struct request_line *line, enum program program, struct options *ret,
                       struct err *err);

/* Puts back what was found before the first change. */
int client_release(const struct request_line *line);

/* "90", "90s", "30m", "2h", "1d" as seconds, at least one. 0 or -EINVAL. */
int client_duration(const char *text, uint64_t *ret_s);

#endif
