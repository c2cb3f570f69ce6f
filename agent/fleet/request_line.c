/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/request_line.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"

enum {
    ASK_CIB = 0x100,
    ASK_HOSTS,
    ASK_STATS,
    ASK_WINDOW,
    ASK_MEMORY,
    ASK_JSON,
    ASK_EMIT_LP,
    ASK_OUT,
    ASK_LOST,
    ASK_MAINTENANCE,
    ASK_MAX_MOVES,
    ASK_WAIT,
    ASK_HOLD,
    ASK_THRESHOLD,
    ASK_MARGIN,
    ASK_DRY_RUN,
    ASK_EVERY,
    ASK_METRICS_FILE,
    ASK_VERSION
};
const struct argp_option request_options[] = {
    {"cib", ASK_CIB, "FILE", 0,
     "the cluster's document as cibadmin --query prints it; - is standard input; without it that "
     "program is asked",
     1},
    {"hosts", ASK_HOSTS, "FILE", 0,
     "hosts by their libvirt URIs, one a line: without a cluster all there is, beside one where "
     "load is measured",
     1},
    {"stats", ASK_STATS, "FILE", 0, "guests' CPU demand as JSON, instead of measuring it", 1},
    {"window", ASK_WINDOW, "SECONDS", 0, "how long demand is measured; 60 where nobody says", 1},
    {"memory", ASK_MEMORY, "floors|maximum", 0,
     "with how much a guest counts: with the floor in its definition, where it has one, or with "
     "all; floors "
     "where there is no cluster",
     1},
    {"lost", ASK_LOST, "HOST", 0, "what if this host were lost; may be given again", 1},
    {"maintenance", ASK_MAINTENANCE, "HOST", 0,
     "what if this host had to be emptied; may be given again", 1},
    {"max-moves", ASK_MAX_MOVES, "N", 0, "plan at most so many moves", 1},
    {"wait", ASK_WAIT, "SECONDS", 0, "how long guests may take to arrive; 1800 where nobody says",
     1},
    {"hold", ASK_HOLD, "SECONDS", 0,
     "a guest that was migrated is left alone for so long; where nobody says 600, with run 3600",
     1},
    {"threshold", ASK_THRESHOLD, "POINTS", 0,
     "nothing is done below such a largest deviation; where nobody says 0, with run 5", 1},
    {"margin", ASK_MARGIN, "PERCENT", 0,
     "nothing is done unless it is better by so much; where nobody says 0, with run 10", 1},
    {"dry-run", ASK_DRY_RUN, NULL, 0, "do all but write to the cluster", 1},
    {"every", ASK_EVERY, "SECONDS", 0, "run: from one round to the next; 600 where nobody says", 1},
    {"metrics-file", ASK_METRICS_FILE, "FILE", 0,
     "run: metrics for node_exporter's textfile collector", 1},
    {"json", ASK_JSON, NULL, 0, "the answer as one object of JSON", 1},
    {"emit-lp", ASK_EMIT_LP, "FILE", 0, "the plan's model for another solver; - is standard output",
     1},
    {"out", ASK_OUT, "FILE", 0,
     "the cluster's document with the plan in it, for crm_simulate; - is standard output", 1},
    {"help", 'h', NULL, 0, "print this help", 2},
    {"version", ASK_VERSION, NULL, 0, "print the version", 2},
    {0},
};

const struct request_command request_commands[] = {
    {"check", "who is where, loads, memory, and what the loss of a host would mean"},
    {"plan", "which guests to move or start; exit status 2: there are some"},
    {"apply", "plan, and have the cluster carry it out; exit status 3: not all have arrived"},
    {"run", "apply again and again, as a service of the cluster"},
    {0},
};

/* While it is read. */
struct parse {
    struct fleet_line line;
    bool has_command, has_window, has_act, has_run;
};

static error_t refuse(struct parse *parse, const char *sentence, const char *text)
{
    text_mistake(parse->line.said, sizeof(parse->line.said), sentence, text);
    return EINVAL;
}

static error_t take_number(struct parse *parse, double *ret, const char *arg, double least,
                           double most, const char *otherwise)
{
    char *end;
    double value = strtod(arg, &end);

    if (end == arg || *end || !isfinite(value) || value < least || value > most)
        return refuse(parse, otherwise, arg);
    *ret = value;
    return 0;
}

static error_t take_memory(struct parse *parse, const char *arg)
{
    if (strcmp(arg, "floors") != 0 && strcmp(arg, "maximum") != 0)
        return refuse(parse, "--memory takes floors or maximum", arg);
    parse->line.request.memory = strcmp(arg, "floors") == 0 ? REQUEST_FLOORS : REQUEST_MAXIMUM;
    return 0;
}

static error_t take_moves(struct parse *parse, const char *arg)
{
    char *end;
    unsigned long value = strtoul(arg, &end, 10);

    if (arg[0] < '0' || arg[0] > '9' || *end || value < 1 || value > CLUSTER_MOST_GUESTS)
        return refuse(parse, "--max-moves takes a number from 1 to 65536", arg);
    parse->line.request.max_moves = value;
    return 0;
}

static error_t take_closed(struct parse *parse, const char *arg, enum fleet_closing how)
{
    struct request *request = &parse->line.request;

    if (!arg[0] || request->n_closed == REQUEST_MOST_CLOSED)
        return refuse(parse, "a host without a name, or too many hosts", arg);
    for (size_t k = 0; k < request->n_closed; k++)
        if (strcmp(request->closed[k].host, arg) == 0)
            return refuse(parse, "a host is lost or in maintenance once", arg);
    request->closed[request->n_closed++] = (struct request_closed){arg, how};
    return 0;
}

static error_t take_command(struct parse *parse, const char *arg)
{
    const struct request_command *command;

    if (parse->has_command)
        return refuse(parse, "one argument too many", arg);
    command = request_commands;
    while (command->name && strcmp(command->name, arg) != 0)
        command++;
    if (!command->name)
        return refuse(parse, "there is no such command; --help lists them", arg);
    parse->line.request.is_plan = strcmp(arg, "check") != 0;
    parse->line.request.deed = strcmp(arg, "apply") == 0 ? REQUEST_APPLY
                               : strcmp(arg, "run") == 0 ? REQUEST_RUN
                                                         : REQUEST_LOOK;
    parse->has_command = true;
    return 0;
}

static error_t take_file(struct parse *parse, const char **ret, const char *arg)
{
    if (!arg[0])
        return refuse(parse, "a file has a name", arg);
    *ret = arg;
    return 0;
}

/* What goes with apply and run. */
static error_t parse_act(int key, char *arg, struct parse *parse)
{
    struct request_act *act = &parse->line.request.act;

    switch (key) {
    case ASK_WAIT:
        return take_number(parse, &act->wait_s, arg, 1, 86400,
                           "--wait takes seconds from 1 to 86400");
    case ASK_HOLD:
        return take_number(parse, &act->hold_s, arg, 0, 604800,
                           "--hold takes seconds from 0 to 604800");
    case ASK_THRESHOLD:
        return take_number(parse, &act->threshold_pct, arg, 0, 100,
                           "--threshold takes points from 0 to 100");
    case ASK_MARGIN:
        return take_number(parse, &act->margin_pct, arg, 0, 100,
                           "--margin takes percent from 0 to 100");
    case ASK_DRY_RUN:
        act->is_dry = true;
        return 0;
    case ASK_EVERY:
        parse->has_run = true;
        return take_number(parse, &act->every_s, arg, 1, 86400,
                           "--every takes seconds from 1 to 86400");
    case ASK_METRICS_FILE:
        parse->has_run = true;
        return take_file(parse, &act->metrics_file, arg);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
    struct parse *parse = state->input;
    struct request *request = &parse->line.request;

    switch (key) {
    case ASK_CIB:
        return take_file(parse, &request->cib, arg);
    case ASK_HOSTS:
        return take_file(parse, &request->hosts, arg);
    case ASK_STATS:
        return take_file(parse, &request->stats, arg);
    case ASK_EMIT_LP:
        return take_file(parse, &request->emit_lp, arg);
    case ASK_OUT:
        return take_file(parse, &request->out, arg);
    case ASK_WINDOW:
        parse->has_window = true;
        return take_number(parse, &request->window_s, arg, 1, 3600,
                           "--window takes seconds from 1 to 3600");
    case ASK_MEMORY:
        return take_memory(parse, arg);
    case ASK_MAX_MOVES:
        return take_moves(parse, arg);
    case ASK_LOST:
        return take_closed(parse, arg, FLEET_LOST);
    case ASK_MAINTENANCE:
        return take_closed(parse, arg, FLEET_MAINTENANCE);
    case ASK_JSON:
        request->json = true;
        return 0;
    case 'h':
        parse->line.wants_help = true;
        return 0;
    case ASK_VERSION:
        parse->line.wants_version = true;
        return 0;
    case ARGP_KEY_ARG:
        return take_command(parse, arg);
    case ARGP_KEY_ERROR:
        refuse(parse, text_unknown_option, state->next > 0 ? state->argv[state->next - 1] : "");
        return 0;
    case ASK_WAIT:
    case ASK_HOLD:
    case ASK_THRESHOLD:
    case ASK_MARGIN:
    case ASK_DRY_RUN:
    case ASK_EVERY:
    case ASK_METRICS_FILE:
        parse->has_act = true;
        return parse_act(key, arg, parse);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Where nobody says. */
static void fill_in(struct request *request)
{
    bool is_run = request->deed == REQUEST_RUN;
    struct request_act *act = &request->act;

    if (act->hold_s < 0)
        act->hold_s = is_run ? RUN_HOLD_S : APPLY_HOLD_S;
    if (act->threshold_pct < 0)
        act->threshold_pct = is_run ? RUN_THRESHOLD_PCT : 0;
    if (act->margin_pct < 0)
        act->margin_pct = is_run ? RUN_MARGIN_PCT : 0;
}

static const char *check(const struct parse *parse)
{
    const struct request *request = &parse->line.request;

    if (!parse->has_command)
        return "say 'check', 'plan', 'apply' or 'run'; --help tells more";
    if (parse->has_act && request->deed == REQUEST_LOOK)
        return "--wait, --hold, --threshold, --margin and --dry-run go with apply and run";
    if (parse->has_run && request->deed != REQUEST_RUN)
        return "--every and --metrics-file go with run";
    if (request->json && request->deed == REQUEST_RUN)
        return "--json does not go with run, whose rounds are in the journal";
    if (request->deed != REQUEST_LOOK &&
        (request->cib || request->n_closed || request->emit_lp || request->out))
        return "apply and run are about the running cluster as it is: without --cib, --lost, "
               "--maintenance, "
               "--emit-lp and --out";
    if (!request->is_plan && (request->emit_lp || request->out || request->max_moves))
        return "--emit-lp, --out and --max-moves go with plan";
    if (request->out && request->hosts && !request->cib)
        return "--out needs a cluster's document, which --hosts has not got";
    if (request->emit_lp && request->out && strcmp(request->emit_lp, "-") == 0 &&
        strcmp(request->out, "-") == 0)
        return "--emit-lp and --out cannot both be standard output";
    if (request->memory == REQUEST_FLOORS && !request->hosts)
        return "--memory floors goes with --hosts, where definitions are read";
    if (parse->has_window && (request->stats || !request->hosts))
        return "--window goes with --hosts, where demand is measured";
    return NULL;
}

const struct argp request_argp = {
    .options = request_options,
    .parser = parse_key,
    .args_doc = "check|plan|apply|run",
    .doc =
        "Looks at a cluster of libvirt hosts, plans moves of guests, and has them carried out.\n"};

int request_line_read(int argc, char **argv, struct fleet_line *ret)
{
    struct parse parse = {.line = {.request = {.window_s = REQUEST_WINDOW_S,
                                               .act = {.wait_s = REQUEST_WAIT_S,
                                                       .hold_s = -1,
                                                       .threshold_pct = -1,
                                                       .margin_pct = -1,
                                                       .every_s = REQUEST_EVERY_S}}}};
    error_t e = argp_parse(&request_argp, argc, argv, ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP,
                           NULL, &parse);
    const char *mistake =
        e || parse.line.wants_help || parse.line.wants_version ? NULL : check(&parse);

    fill_in(&parse.line.request);
    *ret = parse.line;
    if (mistake || (e && !ret->said[0]))
        snprintf(ret->said, sizeof(ret->said), "%s", mistake ? mistake : strerror(e));
    return e || mistake ? -EINVAL : 0;
}
