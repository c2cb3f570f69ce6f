/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that serves D-Bus. Nobody else touches the connection. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/control/bus_names.h"
#include "agent/control/bus_plan.h"
#include "agent/control/bus_reading.h"
#include "agent/control/state.h"

enum { MAX_WAITING = 16 };
static const uint64_t retry_us = 1000000;
/* A bus that does not answer may not hold the program up. */
static const uint64_t name_timeout_us = 5000000;

/* What the thread alone knows. */
struct serving_bus {
    struct control *control;
    sd_bus *bus; /* NULL, or one that was ended: until the next one */
    sd_event *event;
    sd_event_source *retry; /* on while there is no bus */
    const struct bus_names *names;
    sd_bus_message *waiting[MAX_WAITING]; /* for the end of a reload */
    size_t n_waiting;
    uint64_t n_reloads;        /* seen to end */
    sd_bus_message *releasing; /* for the end of a release, or NULL */
    struct bus_plan plan;
};

/* Why pauses are not on disk; r is what control_save_pauses() returned. */
static const char *not_kept(int r)
{
    return r == -ENOENT ? "it has no state folder" : strerror(-r);
}

static int reply_kept(struct control *control, sd_bus_message *call, sd_bus_error *error)
{
    int r = control_save_pauses(control);

    if (r < 0)
        return sd_bus_error_setf(error, BUS_ERROR_NOT_KEPT,
                                 "it is done, but a restart will not know of it: %s", not_kept(r));
    return sd_bus_reply_method_return(call, NULL);
}

static int on_pause(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
    struct serving_bus *serving = userdata;
    struct control *control = serving->control;
    const char *guest = NULL;
    uint64_t seconds = 0;
    int r = sd_bus_message_read(call, "st", &guest, &seconds);

    if (r < 0)
        return r;
    r = control_pause(control, guest, seconds);
    if (r == -ENAMETOOLONG)
        return sd_bus_error_set(error, BUS_ERROR_NO_GUEST, "no guest has so long a name");
    if (r < 0)
        return sd_bus_error_set(error, BUS_ERROR_TOO_MANY, "too many pauses: resume some first");
    return reply_kept(control, call, error);
}

static int on_resume(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
    struct serving_bus *serving = userdata;
    struct control *control = serving->control;
    const char *guest = NULL;
    int r = sd_bus_message_read(call, "s", &guest);

    if (r < 0)
        return r;
    r = control_resume(control, guest);
    if (r == -EBUSY)
        return sd_bus_error_set(
            error, BUS_ERROR_NOT_PAUSED,
            "everything is paused, not that guest alone: resume without a name");
    if (r < 0)
        return sd_bus_error_set(error, BUS_ERROR_NOT_PAUSED, "that was not paused");
    return reply_kept(control, call, error);
}

/* The answer comes when the new set is in force, or does not count. */
static int on_reload(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
    struct serving_bus *serving = userdata;

    if (!serving->control->can_reload)
        return sd_bus_error_set(error, BUS_ERROR_NO_CONFIGURATION,
                                "it was started without --config: there is nothing to reload");
    if (serving->n_waiting == MAX_WAITING)
        return sd_bus_error_set(error, BUS_ERROR_TOO_MANY, "too many reloads at once");
    serving->waiting[serving->n_waiting++] = sd_bus_message_ref(call);
    control_ask_reload(serving->control);
    return 1;
}

/* The answer comes when the loop has done it. */
static int on_release(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
    struct serving_bus *serving = userdata;
    const char *guest = NULL;
    int r = sd_bus_message_read(call, "s", &guest);

    if (r < 0)
        return r;
    if (strlen(guest) >= PAUSE_NAME_SIZE)
        return sd_bus_error_set(error, BUS_ERROR_NO_GUEST, "no guest has so long a name");
    if (control_ask_release(serving->control, guest) < 0)
        return sd_bus_error_set(error, BUS_ERROR_TOO_MANY, "another release is under way");
    serving->releasing = sd_bus_message_ref(call);
    return 1;
}

static int on_plan(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
    struct serving_bus *serving = userdata;

    return bus_plan_ask(&serving->plan, serving->control, call, error);
}

/* Who may call what is in the bus's policy (agent/install/dbus.conf). */
#define METHOD(name, in, out, handler)                                                             \
    SD_BUS_METHOD(name, in, out, handler, SD_BUS_VTABLE_UNPRIVILEGED)
static const sd_bus_vtable controlling[] = {
    SD_BUS_VTABLE_START(0),
    METHOD("Pause", "st", "", on_pause),
    METHOD("Resume", "s", "", on_resume),
    METHOD("Reload", "", "", on_reload),
    METHOD("Release", "s", "tt", on_release),
    METHOD("Plan", "assa{st}", "s", on_plan),
    SD_BUS_VTABLE_END,
};

static void answer_reloads(struct serving_bus *serving, const char *trouble)
{
    for (size_t i = 0; i < serving->n_waiting; i++) {
        sd_bus_message *call = serving->waiting[i];

        if (trouble[0])
            sd_bus_reply_method_errorf(call, BUS_ERROR_BAD_CONFIGURATION, "%s", trouble);
        else
            sd_bus_reply_method_return(call, NULL);
        sd_bus_message_unref(call);
    }
    serving->n_waiting = 0;
}

/* saved: whether the pause that it makes is on disk, as an errno. */
static void answer_release(struct serving_bus *serving, const struct control_result *result,
                           int saved)
{
    sd_bus_message *call = serving->releasing;

    if (!call)
        return;
    if (result->only_looks)
        sd_bus_reply_method_errorf(call, BUS_ERROR_ONLY_LOOKS,
                                   "it only looks (act = no) and puts nothing back");
    else if (result->trouble)
        sd_bus_reply_method_errorf(call, BUS_ERROR_NOT_RELEASED, "%s", result->trouble);
    else if (saved < 0)
        sd_bus_reply_method_errorf(call, BUS_ERROR_NOT_KEPT,
                                   "it is done, but a restart will not know of the pause: %s",
                                   not_kept(saved));
    else
        sd_bus_reply_method_return(call, "tt", (uint64_t)result->done, (uint64_t)result->owed);
    serving->releasing = sd_bus_message_unref(call);
}

/* What the loop has done of a release. Whoever asked may have gone with a bus; what is paused stays so. */
static void take_released(struct serving_bus *serving)
{
    struct control *control = serving->control;
    char trouble[sizeof(control->release_trouble)];
    struct control_result result;
    bool is_done;

    pthread_mutex_lock(&control->lock);
    is_done = control->is_release_done;
    result = control->release;
    memcpy(trouble, control->release_trouble, sizeof(trouble));
    control->is_release_done = false;
    pthread_mutex_unlock(&control->lock);
    if (trouble[0])
        result.trouble = trouble;
    if (is_done)
        answer_release(serving, &result, result.only_looks ? 0 : control_save_pauses(control));
}

static void signal_news(const struct serving_bus *serving, const char *changes)
{
    const struct bus_names *names = serving->names;

    sd_bus_emit_properties_changed(serving->bus, names->path, names->interface, "Verdict",
                                   "Objective", "Bound", "Gap", "Moves", "LastInterval", "Paused",
                                   NULL);
    if (changes)
        sd_bus_emit_signal(serving->bus, names->path, names->interface, "Changed", "s", changes);
}

/* The loop has something. */
static int on_wake(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct serving_bus *serving = userdata;
    struct control *control = serving->control;
    char trouble[sizeof(control->reload_trouble)], *changes = NULL;
    uint64_t taken, n_reloads;
    bool has_news, is_ending;

    (void)events;
    if (read(fd, &taken, sizeof(taken)) < 0)
        return 0;
    pthread_mutex_lock(&control->lock);
    has_news = control->has_news;
    is_ending = control->is_ending;
    n_reloads = control->n_reloads;
    memcpy(trouble, control->reload_trouble, sizeof(trouble));
    if (control->has_changes && control->snapshot.changes)
        changes = strdup(control->snapshot.changes);
    control->has_news = control->has_changes = false;
    pthread_mutex_unlock(&control->lock);
    if (has_news && serving->bus)
        signal_news(serving, changes);
    free(changes);
    if (n_reloads != serving->n_reloads)
        answer_reloads(serving, trouble);
    serving->n_reloads = n_reloads;
    take_released(serving);
    bus_plan_answer(&serving->plan, control, false);
    return is_ending ? sd_event_exit(sd_event_source_get_event(source), 0) : 0;
}

int bus_open(struct control *control, struct sd_bus **ret, struct err *err)
{
    const struct bus_names *names = bus_names_of(control->program);
    sd_bus *bus = NULL;
    int r = sd_bus_open_system(&bus);

    if (r < 0)
        return err_set(err, r, "no bus to be asked over: %s", strerror(-r));
    sd_bus_set_method_call_timeout(bus, name_timeout_us);
    /* A simulated host's program is asked only as long as no real one is. */
    r = sd_bus_request_name(bus, names->name,
                            control->yields_name ? SD_BUS_NAME_ALLOW_REPLACEMENT
                                                 : SD_BUS_NAME_REPLACE_EXISTING);
    if (r < 0) {
        sd_bus_flush_close_unref(bus);
        return err_set(err, r, "the bus does not give the name %s: %s", names->name,
                       r == -EEXIST ? "another process has it" : strerror(-r));
    }
    *ret = bus;
    return 0;
}

static int try_later(struct serving_bus *serving)
{
    int r = sd_event_source_set_time_relative(serving->retry, retry_us);

    return r < 0 ? r : sd_event_source_set_enabled(serving->retry, SD_EVENT_ONESHOT);
}

/* The bus was ended, as by a restart of its daemon. It does not belong to the event loop any more. */
static int on_lost(sd_bus_message *signal, void *userdata, sd_bus_error *error)
{
    (void)signal, (void)error;
    return try_later(userdata);
}

static int offer(struct serving_bus *serving)
{
    const struct bus_names *names = serving->names;
    sd_bus *bus = serving->bus;
    int r = sd_bus_add_object_vtable(bus, NULL, names->path, names->interface, bus_reading,
                                     serving->control);

    if (r >= 0)
        r = sd_bus_add_object_vtable(bus, NULL, names->path, names->control, controlling, serving);
    if (r >= 0)
        r = sd_bus_match_signal(bus, NULL, NULL, NULL, "org.freedesktop.DBus.Local", "Disconnected",
                                on_lost, serving);
    return r < 0 ? r : sd_bus_attach_event(bus, serving->event, SD_EVENT_PRIORITY_NORMAL);
}

/* Whoever still waits for an answer does so for nothing. */
static void hang_up(struct serving_bus *serving)
{
    const struct control_result ends = {.trouble = "the program ends"};

    answer_reloads(serving, ends.trouble);
    answer_release(serving, &ends, 0);
    bus_plan_answer(&serving->plan, serving->control, true);
    serving->bus = sd_bus_flush_close_unref(serving->bus);
}

/* There may be a bus again. */
static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct serving_bus *serving = userdata;
    struct err err = {0};

    (void)source, (void)usec;
    hang_up(serving);
    if (bus_open(serving->control, &serving->bus, &err) < 0 || offer(serving) < 0)
        return try_later(serving);
    return 0;
}

void bus_run(struct control *control, struct sd_bus *bus)
{
    struct serving_bus serving = {
        .control = control, .bus = bus, .names = bus_names_of(control->program)};
    int r = sd_event_new(&serving.event);

    if (r >= 0)
        r = sd_event_add_io(serving.event, NULL, control->wake_fd, EPOLLIN, on_wake, &serving);
    if (r >= 0)
        r = sd_event_add_time(serving.event, &serving.retry, CLOCK_MONOTONIC, 0, 0, on_retry,
                              &serving);
    if (r >= 0)
        r = sd_event_source_set_enabled(serving.retry, SD_EVENT_OFF);
    if (r >= 0)
        r = bus ? offer(&serving) : try_later(&serving);
    if (r >= 0)
        sd_event_loop(serving.event);
    hang_up(&serving);
    sd_event_source_unref(serving.retry);
    sd_event_unref(serving.event);
}
