/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/control/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/json_values.h"
#include "agent/base/option_show.h"
#include "agent/control/state.h"
#include "agent/control/why.h"
#include "agent/history/history.h"

struct control *control_new(enum program program, bool can_reload, struct history *history,
                            struct metrics *metrics)
{
    struct control *control = calloc(1, sizeof(*control));

    if (!control)
        return NULL;
    control->program = program;
    control->can_reload = can_reload;
    control->history = history;
    control->metrics = metrics;
    control->loop_fd = -1;
    control->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&control->lock, NULL);
    if (control->wake_fd >= 0)
        return control;
    control_free(control);
    return NULL;
}

void control_wake(int fd)
{
    const uint64_t one = 1;

    if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
        return; /* it is awake */
}

struct serving {
    struct control *control;
    struct sd_bus *bus;
};

static void *serve(void *arg)
{
    struct serving *serving = arg;

    bus_run(serving->control, serving->bus);
    free(serving);
    return NULL;
}

int control_serve(struct control *control, const char *folder, bool tries_again,
                  struct err *trouble, struct err *err)
{
    struct serving *serving = calloc(1, sizeof(*serving));
    bool has_thread;
    int opened, r;

    if (!serving)
        return err_set(err, -ENOMEM, "out of memory");
    serving->control = control;
    control->yields_name = !folder;
    opened = bus_open(control, &serving->bus, err);
    has_thread = opened >= 0 || tries_again;
    if (folder && (has_thread || access(folder, F_OK) == 0))
        control_keep(control, folder, trouble);
    r = has_thread ? -pthread_create(&control->thread, NULL, serve, serving) : opened;
    if (r < 0)
        free(serving);
    if (r < 0 && has_thread)
        return err_set(err, r, "cannot start a thread for the bus: %s", strerror(-r));
    control->is_serving = r >= 0;
    return opened;
}

bool control_is_serving(const struct control *control)
{
    return control && control->is_serving;
}

void snapshot_done(struct snapshot *snapshot)
{
    free(snapshot->status);
    free(snapshot->verdict);
    free(snapshot->changes);
    *snapshot = (struct snapshot){0};
}

void control_free(struct control *control)
{
    if (!control)
        return;
    if (control->is_serving) {
        pthread_mutex_lock(&control->lock);
        control->is_ending = true;
        pthread_mutex_unlock(&control->lock);
        control_wake(control->wake_fd);
        pthread_join(control->thread, NULL);
    }
    snapshot_done(&control->snapshot);
    scene_free(control->scene);
    json_decref(control->config);
    if (control->wake_fd >= 0)
        close(control->wake_fd);
    free(control->folder);
    pthread_mutex_destroy(&control->lock);
    free(control);
}

void control_publish(struct control *control, struct snapshot *snapshot)
{
    struct snapshot before;

    pthread_mutex_lock(&control->lock);
    before = control->snapshot;
    control->snapshot = *snapshot;
    control->has_news = control->has_changes = true;
    pthread_mutex_unlock(&control->lock);
    snapshot_done(&before);
    *snapshot = (struct snapshot){0};
    control_wake(control->wake_fd);
}

void control_tell_config(struct control *control, const struct options *options)
{
    json_t *before, *config;

    if (!control)
        return;
    config = option_show_json(options);
    pthread_mutex_lock(&control->lock);
    before = control->config;
    control->config = config;
    pthread_mutex_unlock(&control->lock);
    json_decref(before);
}

void control_tell_trouble(struct control *control, const char *text)
{
    struct snapshot snapshot = {0};

    if (!control_is_serving(control))
        return;
    snapshot.verdict = strdup("waiting");
    snapshot.status = json_line(
        json_members("verdict", json_string("waiting"), "note", json_from_text(text), NULL),
        JSON_DIGITS_SHORT);
    clock_text(snapshot.at);
    control_publish(control, &snapshot);
}

void control_tell_state(struct control *control, const char *text)
{
    if (!control)
        return;
    pthread_mutex_lock(&control->lock);
    snprintf(control->state_trouble, sizeof(control->state_trouble), "%s", text);
    pthread_mutex_unlock(&control->lock);
}

/* What holds from here on until the next interval. */
static bool take_pauses(struct control *control)
{
    pthread_mutex_lock(&control->lock);
    pauses_expire(&control->pauses, clock_steady_s());
    control->in_force = control->pauses;
    pthread_mutex_unlock(&control->lock);
    return pauses_have_all(&control->in_force);
}

bool control_is_paused(struct control *control)
{
    return control && take_pauses(control);
}

/* A later end of the same pause is none. */
static bool has_same(const struct pauses *pauses, const struct pause *pause)
{
    for (size_t i = 0; i < pauses->n; i++) {
        if (strcmp(pauses->list[i].guest, pause->guest) == 0)
            return true;
    }
    return false;
}

bool control_is_overtaken(struct control *control)
{
    bool is_overtaken;

    if (!control)
        return false;
    pthread_mutex_lock(&control->lock);
    is_overtaken = pauses_have_all(&control->pauses);
    for (size_t i = 0; i < control->pauses.n; i++)
        is_overtaken |= !has_same(&control->in_force, &control->pauses.list[i]);
    pthread_mutex_unlock(&control->lock);
    return is_overtaken;
}

int control_pause(struct control *control, const char *guest, uint64_t seconds)
{
    struct pause_clock now = {clock_real_s(), clock_steady_s()};
    bool has_end = seconds && seconds < (uint64_t)(INT64_MAX - now.real_s);
    struct guest_id known;
    bool is_known = control_find_guest(control, guest, &known);
    int r;

    pthread_mutex_lock(&control->lock);
    r = pauses_add(&control->pauses, guest, is_known ? &known : NULL,
                   has_end ? now.real_s + (int64_t)seconds : INT64_MAX, now);
    control->has_news = true;
    pthread_mutex_unlock(&control->lock);
    control_wake(control->wake_fd);
    return r;
}

int control_resume(struct control *control, const char *guest)
{
    struct guest_id known;
    bool is_known = control_find_guest(control, guest, &known), was_paused, is_all;

    pthread_mutex_lock(&control->lock);
    was_paused = pauses_remove(&control->pauses, guest, is_known ? &known : NULL);
    is_all = pauses_have_all(&control->pauses);
    control->has_news = true;
    pthread_mutex_unlock(&control->lock);
    control_wake(control->wake_fd);
    return was_paused ? 0 : is_all ? -EBUSY : -ENOENT;
}

void control_mark_vcpus(struct control *control, struct vcpu_sample *sample)
{
    if (!control || take_pauses(control))
        return;
    for (size_t i = 0; i < sample->n_vcpus; i++)
        sample->vcpus[i].has_strange_limits |=
            pauses_have(&control->in_force, &sample->vcpus[i].guest);
}

void control_mark_memory(struct control *control, struct memory_sample *sample)
{
    if (!control || take_pauses(control))
        return;
    for (size_t i = 0; i < sample->n_guests; i++)
        sample->guests[i].policy.excluded |=
            pauses_have(&control->in_force, &sample->guests[i].guest);
}

void control_reloaded(struct control *control, const char *trouble)
{
    if (!control)
        return;
    pthread_mutex_lock(&control->lock);
    control->n_reloads++;
    snprintf(control->reload_trouble, sizeof(control->reload_trouble), "%s",
             trouble ? trouble : "");
    pthread_mutex_unlock(&control->lock);
    control_wake(control->wake_fd);
}

/* How far back the history goes. */
static json_t *known(const struct control *control)
{
    bool is_kept;
    int64_t since_s = history_since(control->history, &is_kept);

    return json_members("since", since_s ? json_integer(since_s) : json_null(), "kept",
                        json_boolean(is_kept), NULL);
}

/* A guest may be paused by its UUID: who was seen has its own name beside that. */
static void name_paused(struct control *control, json_t *pauses)
{
    struct guest_id known;

    for (size_t i = 0; i < json_array_size(pauses); i++) {
        json_t *pause = json_array_get(pauses, i);
        const char *guest = json_string_value(json_object_get(pause, "guest"));

        if (guest && control_find_guest(control, guest, &known))
            json_object_set_new(pause, "name", json_from_guest(&known));
    }
}

char *control_status(struct control *control)
{
    json_t *status, *pauses;
    char *text = NULL;

    bool is_whole;

    pthread_mutex_lock(&control->lock);
    pauses_expire(&control->pauses, clock_steady_s());
    status = control->snapshot.status ? json_loads(control->snapshot.status, 0, NULL)
                                      : json_members("verdict", json_string("starting"), NULL);
    pauses = pauses_to_json(&control->pauses);
    is_whole =
        status && pauses &&
        json_object_set_new(status, "program", json_string(program_name(control->program))) == 0 &&
        json_object_set_new(status, "release", json_string(EVENKEEL_VERSION)) == 0 &&
        json_object_set_new(status, "pid", json_integer(getpid())) == 0 &&
        json_object_set(status, "paused", pauses) == 0 &&
        (!control->state_trouble[0] ||
         json_object_set_new(status, "not_kept", json_from_text(control->state_trouble)) == 0) &&
        (!control->reload_trouble[0] ||
         json_object_set_new(status, "reload_trouble", json_from_text(control->reload_trouble)) ==
             0) &&
        (!control->history || json_object_set_new(status, "history", known(control)) == 0);
    pthread_mutex_unlock(&control->lock);
    if (is_whole) {
        name_paused(control, pauses);
        text = json_text(status, 0);
    }
    json_decref(status);
    json_decref(pauses);
    return text;
}

char *control_config(struct control *control)
{
    json_t *config;
    char *text;

    pthread_mutex_lock(&control->lock);
    config = json_members("program", json_string(program_name(control->program)), NULL);
    if (config && control->config)
        json_object_update(config, control->config);
    text = config ? json_text(config, 0) : NULL;
    pthread_mutex_unlock(&control->lock);
    json_decref(config);
    return text;
}

char *control_why(struct control *control, const char *guest)
{
    struct scene *scene = control_take_scene(control);
    struct pauses pauses;
    json_t *about;
    char *text = NULL;

    pthread_mutex_lock(&control->lock);
    pauses_expire(&control->pauses, clock_steady_s());
    pauses = control->pauses;
    pthread_mutex_unlock(&control->lock);
    about = scene ? why_about(scene, guest, &pauses) : NULL;
    if (about)
        text = json_line(json_members("guest", json_incref(json_object_get(about, "guest")), "at",
                                      json_string(scene->interval.at), "verdict",
                                      json_string(scene_verdict(scene)), "about", about, "history",
                                      control->history ? known(control) : json_null(), NULL),
                         JSON_DIGITS_SHORT);
    control_drop_scene(control, scene);
    return text;
}

char *control_report(struct control *control)
{
    struct scene *scene = control_take_scene(control);
    char *text = scene ? json_line(scene_report(scene), JSON_DIGITS_SHORT) : NULL;

    control_drop_scene(control, scene);
    return text;
}
