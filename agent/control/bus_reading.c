/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/control/bus_reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/control/bus_names.h"
#include "agent/control/state.h"
#include "agent/history/history.h"

static int reply_text(sd_bus_message *call, char *text)
{
    int r = text ? sd_bus_reply_method_return(call, "s", text) : -ENOMEM;

    free(text);
    return r;
}

static int on_status(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
    (void)error;
    return reply_text(call, control_status(userdata));
}

static int on_metrics(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
    const struct control *control = userdata;
    struct metrics *metrics = control->metrics;

    (void)error;
    return reply_text(call, metrics ? metrics_text(metrics) : NULL);
}

static int on_why(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
    const char *guest = NULL;
    char *text;
    int r = sd_bus_message_read(call, "s", &guest);

    if (r < 0)
        return r;
    text = control_why(userdata, guest);
    if (!text && !control_has_scene(userdata))
        return sd_bus_error_set(error, BUS_ERROR_NOT_YET,
                                "there was no interval yet, so no guest is known: status says what "
                                "it waits for");
    if (!text)
        return sd_bus_error_set(error, BUS_ERROR_NO_GUEST,
                                "no such guest was seen in the last interval, or it is left out "
                                "by its definition or --match; history has what was done before");
    return reply_text(call, text);
}

static int on_report(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
    char *text = control_report(userdata);

    return text ? reply_text(call, text)
                : sd_bus_error_set(error, BUS_ERROR_NOT_YET, "there was no interval yet");
}

static int on_history(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
    struct control *control = userdata;
    const char *kind = NULL, *cursor = NULL;
    struct history_page page;
    int64_t since_s = 0;
    int r = sd_bus_message_read(call, "sxs", &kind, &since_s, &cursor);

    if (r < 0)
        return r;
    if (history_kind_of(kind) == HISTORY_KINDS)
        return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS,
                                "the history has changes, minutes and intervals");
    r = control->history
            ? history_read(control->history, history_kind_of(kind), since_s, cursor, &page)
            : -ENOENT;
    if (r == -EINVAL)
        return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS,
                                "the cursor has to be empty, or what a page before gave");
    if (r < 0)
        return sd_bus_error_setf(error, BUS_ERROR_NO_HISTORY, "there is no history: %s",
                                 strerror(-r));
    r = sd_bus_reply_method_return(call, "ss", page.lines, page.next);
    free(page.lines);
    free(page.next);
    return r;
}

static int on_config(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
    (void)error;
    return reply_text(call, control_config(userdata));
}

static int get_property(sd_bus *bus, const char *path, const char *interface, const char *property,
                        sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
    struct control *control = userdata;
    const struct snapshot *snapshot = &control->snapshot;
    int r;

    (void)bus, (void)path, (void)interface, (void)error;
    pthread_mutex_lock(&control->lock);
    if (strcmp(property, "Verdict") == 0)
        r = sd_bus_message_append(reply, "s", snapshot->verdict ? snapshot->verdict : "starting");
    else if (strcmp(property, "LastInterval") == 0)
        r = sd_bus_message_append(reply, "s", snapshot->at);
    else if (strcmp(property, "Moves") == 0)
        r = sd_bus_message_append(reply, "u", snapshot->moves);
    else if (strcmp(property, "Paused") == 0)
        r = sd_bus_message_append(reply, "b", pauses_have_all(&control->pauses));
    else
        r = sd_bus_message_append(reply, "d",
                                  strcmp(property, "Objective") == 0 ? snapshot->objective
                                  : strcmp(property, "Bound") == 0   ? snapshot->bound
                                                                     : snapshot->gap);
    pthread_mutex_unlock(&control->lock);
    return r;
}

#define TOLD(name, type)                                                                           \
    SD_BUS_PROPERTY(name, type, get_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)
#define METHOD(name, in, out, handler)                                                             \
    SD_BUS_METHOD(name, in, out, handler, SD_BUS_VTABLE_UNPRIVILEGED)
const sd_bus_vtable bus_reading[] = {
    SD_BUS_VTABLE_START(0),
    METHOD("Status", "", "s", on_status),
    METHOD("Why", "s", "s", on_why),
    METHOD("History", "sxs", "ss", on_history),
    METHOD("Report", "", "s", on_report),
    METHOD("Metrics", "", "s", on_metrics),
    METHOD("Config", "", "s", on_config),
    TOLD("Verdict", "s"),
    TOLD("Objective", "d"),
    TOLD("Bound", "d"),
    TOLD("Gap", "d"),
    TOLD("Moves", "u"),
    TOLD("LastInterval", "s"),
    TOLD("Paused", "b"),
    SD_BUS_SIGNAL("Changed", "s", 0),
    SD_BUS_VTABLE_END,
};
