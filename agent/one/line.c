/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/text.h"
#include "agent/one/run.h"
#include "agent/one/xml.h"

enum { ASK_ONED_CONF = 0x100, ASK_VERSION };

const struct argp_option one_options[] = {
    {"oned-conf", ASK_ONED_CONF, "FILE", 0,
     "where the engine's limits stand; else $ONE_LOCATION/etc/oned.conf or /etc/one/oned.conf", 1},
    {"help", 'h', NULL, 0, "print this help", 2},
    {"version", ASK_VERSION, NULL, 0, "print the version", 2},
    {0},
};

const struct one_command one_commands[] = {
    {"optimize", "which VMs of a cluster to migrate"},
    {"place", "where pending VMs are deployed, and VMs that have to leave their host go"},
    {0},
};

struct parse {
    struct one_line line;
    bool has_command;
};

static error_t refuse(struct parse *parse, const char *sentence, const char *text)
{
    if (!parse->line.said[0])
        snprintf(parse->line.said, sizeof(parse->line.said), "%s: '%.60s'", sentence, text);
    text_printable(parse->line.said);
    return EINVAL;
}

static bool take_command(struct parse *parse, const char *arg)
{
    bool is_place = strcmp(arg, "place") == 0;

    if (!is_place && strcmp(arg, "optimize") != 0)
        return false;
    parse->line.request.job = is_place ? ONE_PLACE : ONE_OPTIMIZE;
    parse->has_command = true;
    return true;
}

static error_t take_argument(struct parse *parse, const char *arg)
{
    struct one_request *request = &parse->line.request;

    if (!parse->has_command)
        return take_command(parse, arg)
                   ? 0
                   : refuse(parse, "there is no such command; --help lists them", arg);
    if (request->job == ONE_PLACE || request->cluster >= 0)
        return refuse(parse, "one argument too many", arg);
    if (one_integer(arg, 0, INT_MAX, &request->cluster) < 0)
        return refuse(parse, "a cluster is named by its ID, a whole number", arg);
    return 0;
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
    struct parse *parse = state->input;

    switch (key) {
    case ASK_ONED_CONF:
        if (!arg[0])
            return refuse(parse, "a file has a name", arg);
        parse->line.request.oned_conf = arg;
        return 0;
    case 'h':
        parse->line.wants_help = true;
        return 0;
    case ASK_VERSION:
        parse->line.wants_version = true;
        return 0;
    case ARGP_KEY_ARG:
        return take_argument(parse, arg);
    case ARGP_KEY_ERROR:
        refuse(parse, "an option is not known or its value is missing; --help lists them",
               state->next > 0 ? state->argv[state->next - 1] : "");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp one_argp = {.options = one_options,
                              .parser = parse_key,
                              .args_doc = "optimize [CLUSTER_ID]|place",
                              .doc = "Plans for OpenNebula: reads what oned hands to a scheduler "
                                     "from standard input, and prints "
                                     "the plan. It changes nothing.\n"};

int one_line_read(int argc, char **argv, struct one_line *ret)
{
    struct parse parse = {.line = {.request = {.cluster = -1}}};
    const char *called = argc > 0 ? strrchr(argv[0], '/') : NULL;
    error_t e;

    if (argc > 0)
        take_command(&parse, called ? called + 1 : argv[0]);
    e = argp_parse(&one_argp, argc, argv, ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &parse);
    *ret = parse.line;
    if (!e && !parse.has_command && !ret->wants_help && !ret->wants_version) {
        snprintf(ret->said, sizeof(ret->said), "say 'optimize' or 'place'; --help tells more");
        return -EINVAL;
    }
    if (e && !ret->said[0])
        snprintf(ret->said, sizeof(ret->said), "%s", strerror(e));
    return e ? -EINVAL : 0;
}
