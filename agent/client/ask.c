/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/client/ask.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"
#include "agent/control/bus_names.h"

static const uint64_t timeout_us = 30000000;

int client_complain(const char *text)
{
    char shown[ASKING_SAID_SIZE];

    fprintf(stderr, "evenkeelctl: %s\n", text_shown(text, shown, sizeof(shown)));
    return CLIENT_FAILED;
}

/* For one that only looks there is nothing to be told. */
static bool is_absent(const sd_bus_error *error)
{
    return sd_bus_error_has_name(error, BUS_ERROR_ONLY_LOOKS) ||
           sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
           sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER);
}

/* One of the two may know nothing of a guest. */
static bool is_unknown(const sd_bus_error *error)
{
    return sd_bus_error_has_name(error, BUS_ERROR_NO_GUEST) ||
           sd_bus_error_has_name(error, BUS_ERROR_NOT_PAUSED);
}

void asking_say(struct asking *asking, const char *format, ...)
{
    size_t n = strlen(asking->said);
    va_list args;

    if (n)
        n += (size_t)snprintf(asking->said + n, sizeof(asking->said) - n, "; ");
    va_start(args, format);
    if (n < sizeof(asking->said))
        vsnprintf(asking->said + n, sizeof(asking->said) - n, format, args);
    va_end(args);
}

static void take_error(struct asking *asking, enum program program, const sd_bus_error *error,
                       int r)
{
    if (is_absent(error))
        return;
    asking->n_running++;
    if (is_unknown(error))
        asking->n_unknown++;
    else
        asking->n_failed++;
    if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
        asking_say(
            asking,
            "the bus does not let you ask %s for that: be root or a member of libvirt's group",
            program_name(program));
    else
        asking_say(asking, "%s: %s", program_name(program),
                   error->message ? error->message : strerror(-r));
}

/* r: of making the message, which is taken over. */
static sd_bus_message *send(struct asking *asking, enum program program, sd_bus_message *message,
                            int r)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message *answer = NULL;

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

static int make(const struct asking *asking, enum program program, bool is_control,
                const char *method, sd_bus_message **ret)
{
    const struct bus_names *names = bus_names_of(program);

    return sd_bus_message_new_method_call(asking->bus, ret, names->name, names->path,
                                          is_control ? names->control : names->interface, method);
}

sd_bus_message *asking_call(struct asking *asking, enum program program, bool is_control,
                            const char *method, const char *types, ...)
{
    sd_bus_message *message = NULL;
    va_list arguments;
    int r;

    if (!asking->bus)
        return NULL;
    r = make(asking, program, is_control, method, &message);
    va_start(arguments, types);
    if (r >= 0)
        r = sd_bus_message_appendv(message, types, arguments);
    va_end(arguments);
    return send(asking, program, message, r);
}

sd_bus_message *asking_call_with(
    struct asking *asking, enum program program, bool is_control, const char *method,
    int (*append)(sd_bus_message *message, const struct request_line *line, enum program program))
{
    sd_bus_message *message = NULL;
    int r;

    if (!asking->bus)
        return NULL;
    r = make(asking, program, is_control, method, &message);
    if (r >= 0)
        r = append(message, asking->line, program);
    return send(asking, program, message, r);
}

json_t *asking_json(sd_bus_message *answer)
{
    const char *text = NULL;
    json_t *json = NULL;

    if (answer && sd_bus_message_read(answer, "s", &text) >= 0)
        json = json_loads(text, 0, NULL);
    sd_bus_message_unref(answer);
    return json;
}

int asking_run(const struct request_line *line, unsigned flags,
               void (*one)(struct asking *asking, enum program program))
{
    struct asking asking = {.line = line, .all = json_array()};
    const char *only = flags & ASKING_NAMED ? line->argument : NULL;
    int r = sd_bus_open_system(&asking.bus), status = EXIT_SUCCESS;
    char *text;

    if (r < 0 && !(flags & ASKING_ALONE)) {
        json_decref(asking.all);
        if (line->json)
            puts("[]");
        client_complain("the system's bus cannot be reached, so nobody can be asked");
        return fflush(stdout) == 0 ? CLIENT_NONE_RUNS : CLIENT_FAILED;
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
    if (asking.text)
        fputs(asking.text, stdout);
    free(asking.text);
    if (!asking.n_running && !asking.n_failed) {
        client_complain("neither program runs, or none that can be asked");
        status = CLIENT_NONE_RUNS;
    } else if (asking.n_failed || (asking.n_unknown && !(asking.n_done && flags & ASKING_EITHER))) {
        status = client_complain(asking.said);
    }
    return fflush(stdout) == 0 ? status : CLIENT_FAILED;
}
