/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_RUN_H
#define EVENKEEL_AGENT_ONE_RUN_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/one/job.h"

/* evenkeel-one(8): what the command line asks for, and the whole of it. */

struct one_request {
    enum one_job job;
    int64_t cluster;       /* that the document has to be of, or -1: any */
    const char *oned_conf; /* or NULL; of argv */
};
struct one_line {
    struct one_request request;
    bool wants_help, wants_version;
    char said[200]; /* what is wrong */
};

/* Help and completions are made of the tables; both end with zeros. */
struct one_command {
    const char *name, *help;
};
extern const struct one_command one_commands[];
extern const struct argp_option one_options[];
extern const struct argp one_argp;

/* Called as "place" or "optimize", it is that command. 0, or -EINVAL with a sentence in said. */
int one_line_read(int argc, char **argv, struct one_line *ret);

/* From standard input to standard output; returns the exit status, 0 or 1. */
int one_run(const struct one_request *request);

#endif
