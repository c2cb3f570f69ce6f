/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "agent/one/run.h"

static int help(void)
{
    char name[] = "evenkeel-one";

    argp_help(&one_argp, stdout, ARGP_HELP_USAGE | ARGP_HELP_DOC, name);
    for (const struct one_command *command = one_commands; command->name; command++)
        printf("  %-23s %s\n", command->name, command->help);
    putchar('\n');
    argp_help(&one_argp, stdout, ARGP_HELP_LONG, name);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct one_line line;

    if (one_line_read(argc, argv, &line) < 0) {
        fprintf(stderr, "evenkeel-one: %s\n", line.said);
        return EXIT_FAILURE;
    }
    if (line.wants_help)
        return help();
    if (line.wants_version)
        return printf("evenkeel-one (evenkeel) %s\n", EVENKEEL_VERSION) > 0 ? EXIT_SUCCESS
                                                                            : EXIT_FAILURE;
    return one_run(&line.request);
}
