/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "agent/base/text.h"
#include "agent/client/client.h"
#include "agent/control/bus_names.h"

static const uint64_t timeout_us = 30000000;

/* One command under way with both programs. */
struct asking {
    sd_bus *bus;
    const struct request_line *line;
    size_t n_running, n_failed, n_done;
    json_t *all;    /* answers, with --json */
    char said[400]; /* the first sentence of what failed */
};

static int complain(const char *text)
{
    char shown[500];

    fprintf(stderr, "evenkeelctl: %s\n", text_shown(text, shown, sizeof(shown)));
    return CLIENT_FAILED;
}

static bool is_absent(const sd_bus_error *error)
{
    return sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
           sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER);
}

static void take_error(struct asking *asking, enum program program, const sd_bus_error *error,
                       int r)
{
    if (is_absent(error))
        return;
    asking->n_running++;
    asking->n_failed++;
    if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
        snprintf(asking->said, sizeof(asking->said),
                 "the bus does not let you ask %s for that: be root or a member of libvirt's group",
                 program_name(program));
    else
        snprintf(asking->said, sizeof(asking->said), "%s: %s", program_name(program),
                 error->message ? error->message : strerror(-r));
}

/* Calls one program; the answer is to be unreferenced. NULL: it does not run, or it failed. */
static sd_bus_message *call(struct asking *asking, enum program program, bool is_control,
                            const char *method, const char *types, ...)
{
    const struct bus_names *names = bus_names_of(program);
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message *message = NULL, *answer = NULL;
    va_list arguments;
    int r = sd_bus_message_new_method_call(asking->bus, &message, names->name, names->path,
                                           is_control ? names->control : names->interface, method);

    va_start(arguments, types);
    if (r >= 0)
        r = sd_bus_message_appendv(message, types, arguments);
    va_end(arguments);
    if (r >= 0)
        sd_bus_message_set_auto_start(message, 0);
    if (r >= 0)
        r = sd_bus_call(asking->bus, message, timeout_us, &error, &answer);
    if (r < 0)
        take_error(asking, program, &error, r);
    else
        asking->n_running++;
    asking->n_done += r >= 0;
    sd_bus_error_free(&error);
    sd_bus_message_unref(message);
    return r < 0 ? NULL : answer;
}

/* The answer's text as JSON; takes the answer over. */
static json_t *read_json(sd_bus_message *answer)
{
    const char *text = NULL;
    json_t *json = NULL;

    if (answer && sd_bus_message_read(answer, "s", &text) >= 0)
        json = json_loads(text, 0, NULL);
    sd_bus_message_unref(answer);
    return json;
}

/* Asks both programs, or the one that the argument names where it may. */
static int ask(const struct request_line *line, bool names_program,
               void (*one)(struct asking *asking, enum program program))
{
    struct asking asking = {.line = line, .all = json_array()};
    const char *only = names_program ? line->argument : NULL;
    int r = sd_bus_open_system(&asking.bus), status = EXIT_SUCCESS;
    char *text;

    if (r < 0) {
        json_decref(asking.all);
        complain("the system's bus cannot be reached, so nobody can be asked");
        return CLIENT_NONE_RUNS;
    }
    if (!only || strcmp(only, "vcpu") == 0)
        one(&asking, PROGRAM_VCPU);
    if (!only || strcmp(only, "memory") == 0)
        one(&asking, PROGRAM_MEMORY);
    sd_bus_flush_close_unref(asking.bus);
    if (line->json && (text = json_dumps(asking.all, JSON_INDENT(2))) != NULL) {
        puts(text);
        free(text);
    }
    json_decref(asking.all);
    if (!asking.n_running) {
        complain("neither program runs, or none that can be asked");
        status = CLIENT_NONE_RUNS;
    } else if (asking.n_failed && (!asking.n_done || names_program)) {
        status = complain(asking.said);
    }
    return fflush(stdout) == 0 ? status : CLIENT_FAILED;
}

static void one_status(struct asking *asking, enum program program)
{
    json_t *status = read_json(call(asking, program, false, "Status", ""));

    if (status && asking->line->json)
        json_array_append(asking->all, status);
    else if (status)
        client_show_status(status);
    json_decref(status);
}

static void one_why(struct asking *asking, enum program program)
{
    json_t *why = read_json(call(asking, program, false, "Why", "s", asking->line->argument));

    if (why && asking->line->json)
        json_array_append(asking->all, why);
    else if (why)
        client_show_why(program, why);
    json_decref(why);
}

static const char *guest_or_all(const struct request_line *line)
{
    return line->argument ? line->argument : "";
}

static void one_pause(struct asking *asking, enum program program)
{
    sd_bus_message_unref(call(asking, program, true, "Pause", "st", guest_or_all(asking->line),
                              asking->line->for_s));
}

static void one_resume(struct asking *asking, enum program program)
{
    sd_bus_message_unref(call(asking, program, true, "Resume", "s", guest_or_all(asking->line)));
}

static void one_reload(struct asking *asking, enum program program)
{
    sd_bus_message_unref(call(asking, program, true, "Reload", ""));
}

static int run_status(const struct request_line *line)
{
    return ask(line, false, one_status);
}

static int run_why(const struct request_line *line)
{
    return ask(line, false, one_why);
}

static int run_pause(const struct request_line *line)
{
    return ask(line, false, one_pause);
}

static int run_resume(const struct request_line *line)
{
    return ask(line, false, one_resume);
}

static int run_reload(const struct request_line *line)
{
    if (line->argument && strcmp(line->argument, "vcpu") != 0 &&
        strcmp(line->argument, "memory") != 0) {
        complain("reload takes 'vcpu' or 'memory', or nothing for both");
        return CLIENT_USAGE;
    }
    return ask(line, true, one_reload);
}

const struct client_command client_commands[] = {
    {"status", NULL, false, "what runs, and what was decided last", run_status},
    {"why", "GUEST", true, "where a guest is, why, and its last changes", run_why},
    {"pause", "GUEST", false, "change nothing, of a guest or at all; see --for", run_pause},
    {"resume", "GUEST", false, "end a pause, of a guest or all of them", run_resume},
    {"reload", "vcpu|memory", false, "read the configuration again; fails where it is wrong",
     run_reload},
};
const size_t n_client_commands = sizeof(client_commands) / sizeof(client_commands[0]);
