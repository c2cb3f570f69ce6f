/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/fleet/incoming.h"
#include "agent/fleet/request_line.h"

static int help(void)
{
    char name[] = "evenkeel-fleet";

    argp_help(&request_argp, stdout, ARGP_HELP_USAGE | ARGP_HELP_DOC, name);
    for (const struct request_command *command = request_commands; command->name; command++)
        printf("  %-23s %s\n", command->name, command->help);
    putchar('\n');
    argp_help(&request_argp, stdout, ARGP_HELP_LONG, name);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct fleet_line line;

    sigaction(SIGPIPE, &ignore, NULL); /* a child that does not read all is no end of us */
    if (argc > 1 && strcmp(argv[1], "incoming") == 0) /* for a hook, which must never fail */
        return incoming_run();
    if (request_line_read(argc, argv, &line) < 0) {
        fprintf(stderr, "evenkeel-fleet: %s\n", line.said);
        return REQUEST_REFUSED;
    }
    if (line.wants_help)
        return help();
    if (line.wants_version)
        return printf("evenkeel-fleet (evenkeel) %s\n", EVENKEEL_VERSION) > 0 ? EXIT_SUCCESS
                                                                              : EXIT_FAILURE;
    return request_run(&line.request);
}
