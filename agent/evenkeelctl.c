/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "agent/client/client.h"
#include "agent/client/what_if.h"
#include "agent/client/when.h"
#include "planner/base/cpuset.h"

/* What argp calls an option that has no letter. */
enum { ASK = 0x100, ASK_VERSION = ASK + CLIENT_OPTIONS };
static const struct argp_option options[] = {
    [OPTION_JSON] = {"json", ASK + OPTION_JSON, NULL, 0,
                     "answers as JSON, an array with one object of each program", 1},
    [OPTION_FOR] = {"for", ASK + OPTION_FOR, "TIME", 0, "how long a pause lasts: 90s, 30m, 2h, 1d",
                    1},
    [OPTION_CONFIG] =
        {"config", ASK + OPTION_CONFIG, "FILE", 0,
         "the file that show-config and doctor read, or by which release starts a program", 1},
    [OPTION_CONNECT] = {"connect", ASK + OPTION_CONNECT, "URI", 0,
                        "libvirt connection, for release where no program runs", 1},
    [OPTION_STATE] = {"state", ASK + OPTION_STATE, "DIR", 0,
                      "where what was found is kept, likewise, or the history of a report", 1},
    [OPTION_SINCE] = {"since", ASK + OPTION_SINCE, "TIME", 0,
                      "from when on history is shown: '2h ago', 03:12, '2026-11-30 03:12'", 1},
    [OPTION_OUTPUT] = {"output", 'o', "FILE", 0,
                       "where the page of report goes; - is standard output", 1},
    [OPTION_FROM] = {"from", ASK + OPTION_FROM, "TIME", 0,
                     "from when on a report is; a day ago where it is of the history", 1},
    [OPTION_TO] = {"to", ASK + OPTION_TO, "TIME", 0, "until when a report is", 1},
    [OPTION_QUIET] = {"quiet", 'q', NULL, 0, "tell no progress of a report", 1},
    [OPTION_WITHOUT] = {"without", ASK + OPTION_WITHOUT, "GUEST", 0,
                        "plan as if this guest were not there; may be given again", 1},
    [OPTION_RESERVE] = {"reserve", ASK + OPTION_RESERVE, "PCPUS", 0,
                        "plan as if guests might not use these pCPUs", 1},
    [OPTION_FLOOR] = {"floor", ASK + OPTION_FLOOR, "GUEST=MIB", 0,
                      "plan as if this guest might not get less; may be given again", 1},
    [OPTION_ONCE] = {"once", ASK + OPTION_ONCE, NULL, 0, "top: one look as text, and end", 1},
    [OPTION_BATCH] = {"batch", ASK + OPTION_BATCH, NULL, 0, "top: looks as text, until it is ended",
                      1},
    [OPTION_CSV] = {"csv", ASK + OPTION_CSV, NULL, 0,
                    "top: the guests' figures as comma-separated values", 1},
    [OPTION_EVERY] = {"every", ASK + OPTION_EVERY, "TIME", 0,
                      "top: from one look to the next: 1s, 5s, 1m", 1},
    {"help", 'h', NULL, 0, "print this help", 2},
    {"version", ASK_VERSION, NULL, 0, "print the version", 2},
    {0},
};

struct parse {
    struct request_line line;
    unsigned given; /* options, as a set */
    bool wants_help, wants_version;
    char said[200];
};

static error_t refuse(struct parse *parse, const char *sentence, const char *text)
{
    text_mistake(parse->said, sizeof(parse->said), sentence, text);
    return EINVAL;
}

/* "" would be everybody, who is told by leaving the guest out. */
static error_t check_name(struct parse *parse, const char *arg)
{
    if (!arg[0] || !text_is_valid(arg))
        return refuse(parse, "a name may not be empty and has to be UTF-8", arg);
    return 0;
}

static error_t suppose(struct parse *parse, int key, char *arg)
{
    struct request_line *line = &parse->line;
    struct cpuset pcpus;

    if (line->n_without == MAX_ASKED || line->n_floors == MAX_ASKED)
        return refuse(parse, "too many guests are supposed to be otherwise", arg);
    if (key == ASK + OPTION_WITHOUT) {
        line->without[line->n_without++] = arg;
        return check_name(parse, arg);
    } else if (key == ASK + OPTION_RESERVE) {
        line->reserve = arg;
        if (cpuset_parse(arg, &pcpus) < 0)
            return refuse(parse, "--reserve takes pCPUs like 0-3,7", arg);
    } else if (what_if_floor(arg, &line->floors[line->n_floors++]) < 0 || !text_is_valid(arg)) {
        return refuse(parse, "--floor takes a guest and MiB, like web=512", arg);
    }
    return 0;
}

/* How top looks. */
static error_t look(struct parse *parse, int key, char *arg)
{
    struct request_line *line = &parse->line;

    line->once |= key == ASK + OPTION_ONCE;
    line->batch |= key == ASK + OPTION_BATCH;
    line->csv |= key == ASK + OPTION_CSV;
    if (key == ASK + OPTION_EVERY && client_duration(arg, &line->every_s) < 0)
        return refuse(parse, "--every takes a time like 1s, 5s or 1m", arg);
    return 0;
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
    struct parse *parse = state->input;

    for (int i = 0; i < CLIENT_OPTIONS; i++)
        parse->given |= options[i].key == key ? 1u << i : 0;
    switch (key) {
    case ASK + OPTION_JSON:
        parse->line.json = true;
        return 0;
    case ASK + OPTION_FOR:
        if (client_duration(arg, &parse->line.for_s) < 0)
            return refuse(parse, "--for takes a time like 90s, 30m, 2h or 1d", arg);
        return 0;
    case ASK + OPTION_CONFIG:
        parse->line.config = arg;
        return 0;
    case ASK + OPTION_CONNECT:
        parse->line.connect = arg;
        return 0;
    case ASK + OPTION_STATE:
        parse->line.state = arg;
        return 0;
    case ASK + OPTION_SINCE:
        if (when_parse(arg, clock_real_s(), &parse->line.since_s) < 0)
            return refuse(parse, "--since takes a time like 2h, 03:12 or '2026-11-30 03:12'", arg);
        return 0;
    case ASK + OPTION_FROM:
        parse->line.from = arg;
        return 0;
    case ASK + OPTION_TO:
        parse->line.to = arg;
        return 0;
    case 'o':
        parse->line.output = arg;
        return 0;
    case 'q':
        parse->line.quiet = true;
        return 0;
    case ASK + OPTION_ONCE:
    case ASK + OPTION_BATCH:
    case ASK + OPTION_CSV:
    case ASK + OPTION_EVERY:
        return look(parse, key, arg);
    case ASK + OPTION_WITHOUT:
    case ASK + OPTION_RESERVE:
    case ASK + OPTION_FLOOR:
        return suppose(parse, key, arg);
    case 'h':
        parse->wants_help = true;
        return 0;
    case ASK_VERSION:
        parse->wants_version = true;
        return 0;
    case ARGP_KEY_ARG:
        if (!parse->line.command)
            parse->line.command = arg;
        else if (parse->line.argument)
            return refuse(parse, "one argument too many", arg);
        else
            return check_name(parse, parse->line.argument = arg);
        return 0;
    case ARGP_KEY_ERROR:
        refuse(parse, text_unknown_option, state->next > 0 ? state->argv[state->next - 1] : "");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct client_command *find_command(const char *name)
{
    for (size_t i = 0; i < n_client_commands; i++) {
        if (strcmp(client_commands[i].name, name) == 0)
            return &client_commands[i];
    }
    return NULL;
}

static int help(const struct argp *argp)
{
    char name[] = "evenkeelctl";

    argp_help(argp, stdout, ARGP_HELP_USAGE | ARGP_HELP_DOC, name);
    for (size_t i = 0; i < n_client_commands; i++) {
        const struct client_command *command = &client_commands[i];
        char head[40];

        snprintf(head, sizeof(head), "%s %s%s%s", command->name,
                 command->argument && !command->needs_argument ? "[" : "",
                 command->argument ? command->argument : "",
                 command->argument && !command->needs_argument ? "]" : "");
        printf("  %-23s %s\n", head, command->help);
    }
    putchar('\n');
    argp_help(argp, stdout, ARGP_HELP_LONG, name);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : CLIENT_FAILED;
}

static int usage(const char *text)
{
    fprintf(stderr, "evenkeelctl: %s\n", text);
    return CLIENT_USAGE;
}

/* "--config goes with show-config, release and doctor", of the first one. */
static int misplaced(unsigned given)
{
    char text[300];
    size_t used, left = 0;
    int at = 0;

    while (!(given & 1u << at))
        at++;
    for (size_t i = 0; i < n_client_commands; i++)
        left += client_commands[i].options >> at & 1;
    used = (size_t)snprintf(text, sizeof(text), "--%s goes with", options[at].name);
    for (size_t i = 0; i < n_client_commands && used < sizeof(text); i++)
        if (client_commands[i].options >> at & 1)
            used +=
                (size_t)snprintf(text + used, sizeof(text) - used, " %s%s", client_commands[i].name,
                                 --left > 1  ? ","
                                 : left == 1 ? " and"
                                             : "");
    return usage(text);
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse_key,
        .args_doc = "COMMAND [ARGUMENT]",
        .doc = "Asks Evenkeel's running programs, and tells them what to do.\n"};
    const struct client_command *command;
    struct parse parse = {0};
    error_t e =
        argp_parse(&argp, argc, argv, ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &parse);

    if (e)
        return usage(parse.said[0] ? parse.said : strerror(e));
    if (parse.wants_help)
        return help(&argp);
    if (parse.wants_version)
        return printf("evenkeelctl (evenkeel) %s\n", EVENKEEL_VERSION) > 0 ? 0 : CLIENT_FAILED;
    command = parse.line.command ? find_command(parse.line.command) : NULL;
    if (!command)
        return usage("there is no such command; --help lists them");
    if (parse.line.argument && !command->argument)
        return usage("this command takes no argument");
    if (!parse.line.argument && command->needs_argument)
        return usage("this command needs the name of a guest");
    if (parse.given & ~command->options)
        return misplaced(parse.given & ~command->options);
    if (parse.line.once && (parse.line.batch || parse.line.every_s))
        return usage("--once is one look: --batch and --every do not go with it");
    return command->run(&parse.line);
}
