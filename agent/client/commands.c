/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "agent/base/json_values.h"
#include "agent/client/ask.h"
#include "agent/client/past.h"
#include "agent/client/report.h"
#include "agent/client/what_if.h"
#include "agent/top/top.h"

static void one_status(struct asking *asking, enum program program)
{
    json_t *status = asking_json(asking_call(asking, program, false, "Status", ""));

    if (status && asking->line->json)
        json_array_append(asking->all, status);
    else if (status)
        client_show_status(status);
    json_decref(status);
}

enum { MAX_SHOWN = 10 };

static void one_why(struct asking *asking, enum program program)
{
    json_t *why =
        asking_json(asking_call(asking, program, false, "Why", "s", asking->line->argument));
    const char *guest = json_string_value(json_object_get(why, "guest"));
    json_t *changes = guest ? past_read(asking, program, "changes", 0, guest) : NULL;
    char since[100];

    if (why && asking->line->json) {
        json_object_set(why, "changes", changes ? changes : json_null());
        json_array_append(asking->all, why);
    } else if (why) {
        client_show_why(program, why);
        past_since(json_object_get(why, "history"), since, sizeof(since));
        if (json_array_size(changes))
            printf("  last changes:\n");
        else
            printf("  no change is known%s\n", since);
        past_show_changes(changes, MAX_SHOWN);
    }
    json_decref(why);
    json_decref(changes);
}

/* One text of both: what both give stands together, as the format demands. */
static void one_metrics(struct asking *asking, enum program program)
{
    sd_bus_message *answer = asking_call(asking, program, false, "Metrics", "");
    const char *text = NULL;
    char *joined = NULL;

    if (answer && sd_bus_message_read(answer, "s", &text) >= 0)
        joined = client_join_metrics(asking->text, text);
    if (joined) {
        free(asking->text);
        asking->text = joined;
    }
    sd_bus_message_unref(answer);
}

static const char *guest_or_all(const struct request_line *line)
{
    return line->argument ? line->argument : "";
}

/* What was done, for --json. Takes both over. */
static void tell_done(struct asking *asking, enum program program, sd_bus_message *answer,
                      const char *what, json_t *of)
{
    if (answer)
        json_array_append_new(asking->all,
                              json_members("program", json_string(program_name(program)), what,
                                           json_incref(of), NULL));
    json_decref(of);
    sd_bus_message_unref(answer);
}

static json_t *guest_json(const struct request_line *line)
{
    return line->argument ? json_string(line->argument) : json_null();
}

/* Whoever writes a name wrongly believes that a guest is left alone which is not. */
static bool is_known(const struct asking *asking, enum program program)
{
    struct asking beside = *asking;
    sd_bus_message *why =
        asking_call(&beside, program, false, "Why", "s", guest_or_all(asking->line));

    sd_bus_message_unref(why);
    return why != NULL || beside.n_unknown == asking->n_unknown;
}

static void one_pause(struct asking *asking, enum program program)
{
    sd_bus_message *answer = asking_call(asking, program, true, "Pause", "st",
                                         guest_or_all(asking->line), asking->line->for_s);

    if (answer && asking->line->argument)
        asking->n_strange += !is_known(asking, program);
    tell_done(asking, program, answer, "paused", guest_json(asking->line));
    if (program == PROGRAM_MEMORY && asking->n_strange && asking->n_strange == asking->n_done)
        client_complain("it is paused, but no such guest was seen in the last interval: it is left "
                        "alone once it is there");
}

static void one_resume(struct asking *asking, enum program program)
{
    tell_done(asking, program,
              asking_call(asking, program, true, "Resume", "s", guest_or_all(asking->line)),
              "resumed", guest_json(asking->line));
}

static void one_reload(struct asking *asking, enum program program)
{
    tell_done(asking, program, asking_call(asking, program, true, "Reload", ""), "reloaded",
              json_true());
}

static int run_status(const struct request_line *line)
{
    return asking_run(line, 0, one_status);
}

static int run_metrics(const struct request_line *line)
{
    return asking_run(line, 0, one_metrics);
}

static int run_why(const struct request_line *line)
{
    return asking_run(line, ASKING_EITHER, one_why);
}

static int run_pause(const struct request_line *line)
{
    return asking_run(line, 0, one_pause);
}

static int run_resume(const struct request_line *line)
{
    return asking_run(line, ASKING_EITHER, one_resume);
}

static int run_top(const struct request_line *line)
{
    const struct top_options options = {line->once, line->batch, line->csv, line->every_s};

    switch (top_run(&options)) {
    case TOP_DONE:
        return EXIT_SUCCESS;
    case TOP_NONE_RUNS:
        client_complain("neither program runs, or none that can be asked");
        return CLIENT_NONE_RUNS;
    case TOP_NO_TERMINAL:
        client_complain("this is no terminal that can show a screen: --once and --batch give text");
        return CLIENT_USAGE;
    case TOP_FAILED:
        break;
    }
    return client_complain("nothing can be shown: no memory, or nobody reads any more");
}

static int run_reload(const struct request_line *line)
{
    if (line->argument && strcmp(line->argument, "vcpu") != 0 &&
        strcmp(line->argument, "memory") != 0) {
        client_complain("reload takes 'vcpu' or 'memory', or nothing for both");
        return CLIENT_USAGE;
    }
    return asking_run(line, ASKING_NAMED, one_reload);
}

/* A set of options. */
enum {
    AS_JSON = 1 << OPTION_JSON,
    OF_TOP = 1 << OPTION_ONCE | 1 << OPTION_BATCH | 1 << OPTION_CSV | 1 << OPTION_EVERY,
    OF_REPORT = 1 << OPTION_OUTPUT | 1 << OPTION_FROM | 1 << OPTION_TO | 1 << OPTION_QUIET |
                1 << OPTION_STATE,
    OF_PLAN = 1 << OPTION_WITHOUT | 1 << OPTION_RESERVE | 1 << OPTION_FLOOR,
    OF_RELEASE = 1 << OPTION_CONFIG | 1 << OPTION_CONNECT | 1 << OPTION_STATE,
};

const struct client_command client_commands[] = {
    {"status", NULL, false, AS_JSON, "what runs, and what was decided last", run_status},
    {"top", NULL, false, OF_TOP,
     "both programs on a screen; see --once, --batch, --csv and --every", run_top},
    {"why", "GUEST", true, AS_JSON, "where a guest is, why, and its last changes", run_why},
    {"metrics", NULL, false, 0, "figures for Prometheus, in the text format", run_metrics},
    {"history", "GUEST", false, AS_JSON | 1 << OPTION_SINCE,
     "what was changed in 7 days and why, of a guest or at all; see --since", past_run},
    {"report", "FILE", false, OF_REPORT,
     "a page to look at, of a recording or of the history; see -o", report_run},
    {"plan", NULL, false, AS_JSON | OF_PLAN,
     "what would be changed now, or --without, with --reserve or --floor", what_if_run},
    {"pause", "GUEST", false, AS_JSON | 1 << OPTION_FOR,
     "change nothing, of a guest or at all; see --for", run_pause},
    {"resume", "GUEST", false, AS_JSON, "end a pause, of a guest or all of them", run_resume},
    {"reload", "vcpu|memory", false, AS_JSON,
     "read the configuration again; fails where it is wrong", run_reload},
    {"show-config", NULL, false, AS_JSON | 1 << OPTION_CONFIG,
     "every setting that is in force, with where it is from", client_show_config},
    {"release", "GUEST", false, AS_JSON | OF_RELEASE,
     "put back what was found at first, of a guest or all of them", client_release},
    {"doctor", NULL, false, AS_JSON | 1 << OPTION_CONFIG, "what stands in the way, and the way out",
     client_doctor},
};
const size_t n_client_commands = sizeof(client_commands) / sizeof(client_commands[0]);
