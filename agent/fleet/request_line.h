/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_REQUEST_LINE_H
#define EVENKEEL_AGENT_FLEET_REQUEST_LINE_H

#include <argp.h>

#include "agent/fleet/request.h"

/* evenkeel-fleet's command line. Help and completions are made of the tables; both end with zeros. */

struct request_command {
    const char *name, *help;
};
extern const struct request_command request_commands[];
extern const struct argp_option request_options[];
extern const struct argp request_argp;

struct fleet_line {
    struct request request;
    bool wants_help, wants_version;
    char said[200]; /* what is wrong */
};
/* 0, or -EINVAL with a sentence in said. Strings are argv's. */
int request_line_read(int argc, char **argv, struct fleet_line *ret);

#endif
