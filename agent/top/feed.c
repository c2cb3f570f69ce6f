/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/top/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "agent/base/clock.h"
#include "agent/control/bus_names.h"

static const uint64_t timeout_us = 5000000;
enum {
    LOOK_BACK_S = 10,   /* for the last interval at first; twice as far where there is none */
    MAX_BACK_S = 86400, /* no interval is longer */
    CHANGES_S = 86400,  /* of the past, at first */
};

/* One program. A round is a chain of questions, each asked when the one before is answered. */
struct side {
    struct feed *feed;
    enum program program;
    bool is_asking;
    int64_t since_s, back_s;      /* of intervals */
    int64_t asked_s;              /* since when, in this question */
    char *names, *line;           /* the last ones of its answer; owned */
    int64_t changed_s;            /* of the last change that is in the model */
    size_t n_changed;             /* lines of that second */
    size_t n_skip;                /* of these in the answer under way */
    char why_of[GUEST_NAME_SIZE]; /* who was asked about; "": nobody */
};

struct feed {
    sd_event *event;
    sd_bus *bus; /* NULL: none */
    struct top_model *model;
    void (*news)(void *arg, const char *said);
    void *arg;
    struct side sides[TOP_PROGRAMS];
    char why_of[GUEST_NAME_SIZE]; /* who is to be asked about */
};

static void close_bus(struct feed *feed)
{
    sd_bus_flush_close_unref(feed->bus);
    feed->bus = NULL;
    for (int p = 0; p < TOP_PROGRAMS; p++)
        feed->sides[p].is_asking = false;
}

struct feed *feed_new(sd_event *event, struct top_model *model,
                      void (*news)(void *arg, const char *said), void *arg)
{
    struct feed *feed = calloc(1, sizeof(*feed));

    if (!feed)
        return NULL;
    feed->event = event;
    feed->model = model;
    feed->news = news;
    feed->arg = arg;
    for (int p = 0; p < TOP_PROGRAMS; p++)
        feed->sides[p] =
            (struct side){.feed = feed, .program = (enum program)p, .back_s = LOOK_BACK_S};
    return feed;
}

static void forget_answer(struct side *side)
{
    free(side->names);
    free(side->line);
    side->names = side->line = NULL;
}

void feed_free(struct feed *feed)
{
    if (!feed)
        return;
    close_bus(feed);
    for (int p = 0; p < TOP_PROGRAMS; p++)
        forget_answer(&feed->sides[p]);
    free(feed);
}

static bool open_bus(struct feed *feed)
{
    if (feed->bus && sd_bus_is_open(feed->bus) > 0)
        return true;
    close_bus(feed);
    if (sd_bus_open_system(&feed->bus) < 0)
        return false;
    return sd_bus_attach_event(feed->bus, feed->event, SD_EVENT_PRIORITY_NORMAL) >= 0;
}

/* ---- A round ---- */

static void end_round(struct side *side)
{
    side->is_asking = false;
    forget_answer(side);
    side->feed->news(side->feed->arg, NULL);
}

/* A program that went away is one that begins anew. */
static void fail(struct side *side, const char *why)
{
    top_model_absent(side->feed->model, side->program, why);
    side->since_s = 0;
    side->back_s = LOOK_BACK_S;
    end_round(side);
}

static bool does_not_run(const sd_bus_error *error)
{
    return sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
           sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER);
}

static void fail_by(struct side *side, const sd_bus_error *error)
{
    char why[TOP_TEXT_SIZE];

    if (does_not_run(error))
        snprintf(why, sizeof(why), "%s does not run, or nobody may ask it",
                 program_name(side->program));
    else if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
        snprintf(why, sizeof(why), "the bus does not let you ask %s", program_name(side->program));
    else
        snprintf(why, sizeof(why), "%s does not answer: %s", program_name(side->program),
                 error->message ? error->message : "no reason was given");
    fail(side, why);
}

/* Sends a question; then() takes the answer. */
static void ask(struct side *side, sd_bus_message_handler_t then, bool is_control,
                const char *method, const char *types, ...)
{
    const struct bus_names *names = bus_names_of(side->program);
    sd_bus_message *message = NULL;
    va_list arguments;
    int r = sd_bus_message_new_method_call(side->feed->bus, &message, names->name, names->path,
                                           is_control ? names->control : names->interface, method);

    va_start(arguments, types);
    if (r >= 0)
        r = sd_bus_message_appendv(message, types, arguments);
    va_end(arguments);
    if (r >= 0)
        r = sd_bus_message_set_auto_start(message, 0);
    if (r >= 0)
        r = sd_bus_call_async(side->feed->bus, NULL, message, then, side, timeout_us);
    sd_bus_message_unref(message);
    if (r < 0 && !is_control)
        fail(side, "it cannot be asked: the bus takes no question");
}

static json_t *json_of(sd_bus_message *answer)
{
    const char *text = NULL;

    return sd_bus_message_read(answer, "s", &text) >= 0 ? json_loads(text, 0, NULL) : NULL;
}

static int take_why(sd_bus_message *answer, void *userdata, sd_bus_error *unused)
{
    struct side *side = userdata;
    json_t *why = sd_bus_message_is_method_error(answer, NULL) ? NULL : json_of(answer);

    (void)unused;
    top_model_why(side->feed->model, side->program, side->why_of, why);
    json_decref(why);
    end_round(side);
    return 0;
}

static void ask_why(struct side *side)
{
    memcpy(side->why_of, side->feed->why_of, sizeof(side->why_of));
    if (side->why_of[0])
        ask(side, take_why, false, "Why", "s", side->why_of);
    else
        end_round(side);
}

/* A page of lines: its text, which is edited, and where the next one begins; "" where there is none. */
static bool read_page(sd_bus_message *answer, char **ret_lines, const char **ret_next)
{
    const char *lines = NULL;

    if (sd_bus_message_read(answer, "ss", &lines, ret_next) < 0)
        return false;
    *ret_lines = strdup(lines);
    return *ret_lines != NULL;
}

static int take_changes(sd_bus_message *answer, void *userdata, sd_bus_error *unused);

static void ask_changes(struct side *side, const char *cursor)
{
    ask(side, take_changes, false, "History", "sxs", "changes", side->asked_s, cursor);
}

static void take_change(struct side *side, const char *text)
{
    json_t *line = json_loads(text, 0, NULL);
    int64_t at_s = json_integer_value(json_object_get(line, "t"));

    if (side->n_skip > 0 && at_s == side->asked_s) {
        side->n_skip--;
    } else if (line) {
        side->n_changed = at_s == side->changed_s ? side->n_changed + 1 : 1;
        side->changed_s = at_s;
        top_model_changes(side->feed->model, line);
    }
    json_decref(line);
}

/* Without a history the rest is there all the same. */
static int take_changes(sd_bus_message *answer, void *userdata, sd_bus_error *unused)
{
    struct side *side = userdata;
    const char *next = "";
    char *lines = NULL;

    (void)unused;
    if (!sd_bus_message_is_method_error(answer, NULL) && read_page(answer, &lines, &next)) {
        for (char *rest = lines, *line; (line = strtok_r(rest, "\n", &rest)) != NULL;)
            take_change(side, line);
    }
    free(lines);
    if (next[0])
        ask_changes(side, next);
    else
        ask_why(side);
    return 0;
}

static void begin_changes(struct side *side)
{
    side->asked_s = side->changed_s ? side->changed_s : clock_real_s() - CHANGES_S;
    side->n_skip = side->n_changed;
    ask_changes(side, "");
}

static int take_intervals(sd_bus_message *answer, void *userdata, sd_bus_error *unused);

static void ask_intervals(struct side *side, const char *cursor)
{
    ask(side, take_intervals, false, "History", "sxs", "intervals", side->asked_s, cursor);
}

static void replace(char **text, const char *by)
{
    free(*text);
    *text = strdup(by);
}

/* The last names, and the last figures behind them. */
static void keep_last(struct side *side, char *lines)
{
    for (char *rest = lines, *line; (line = strtok_r(rest, "\n", &rest)) != NULL;) {
        if (strstr(line, "\"guests\":")) {
            replace(&side->names, line);
            free(side->line);
            side->line = NULL;
        } else {
            replace(&side->line, line);
        }
    }
}

static void show_interval(struct side *side)
{
    json_t *names = side->names ? json_loads(side->names, 0, NULL) : NULL;
    json_t *line = side->line ? json_loads(side->line, 0, NULL) : NULL;

    if (names && line && top_model_interval(side->feed->model, side->program, names, line) == 0)
        side->since_s = json_integer_value(json_object_get(line, "t"));
    json_decref(names);
    json_decref(line);
}

static int take_intervals(sd_bus_message *answer, void *userdata, sd_bus_error *unused)
{
    struct side *side = userdata;
    const char *next = "";
    char *lines = NULL;

    (void)unused;
    if (!sd_bus_message_is_method_error(answer, NULL) && read_page(answer, &lines, &next))
        keep_last(side, lines);
    free(lines);
    if (next[0]) {
        ask_intervals(side, next);
        return 0;
    }
    show_interval(side);
    if (!side->since_s && side->back_s < MAX_BACK_S) {
        side->back_s *= 2;
        side->asked_s = clock_real_s() - side->back_s;
        ask_intervals(side, "");
        return 0;
    }
    begin_changes(side);
    return 0;
}

static int take_status(sd_bus_message *answer, void *userdata, sd_bus_error *unused)
{
    struct side *side = userdata;
    const sd_bus_error *error = sd_bus_message_get_error(answer);
    json_t *status;

    (void)unused;
    if (error) {
        fail_by(side, error);
        return 0;
    }
    status = json_of(answer);
    if (status)
        top_model_status(side->feed->model, side->program, status);
    json_decref(status);
    forget_answer(side);
    side->asked_s = side->since_s ? side->since_s : clock_real_s() - side->back_s;
    ask_intervals(side, "");
    return 0;
}

/* Who fails at once tells so, and then nobody may look idle who is still to be asked. */
void feed_ask(struct feed *feed, const char *why_of)
{
    bool has_bus = open_bus(feed), begins[TOP_PROGRAMS];

    snprintf(feed->why_of, sizeof(feed->why_of), "%s", why_of ? why_of : "");
    for (int p = 0; p < TOP_PROGRAMS; p++) {
        begins[p] = !feed->sides[p].is_asking;
        feed->sides[p].is_asking = true;
    }
    for (int p = 0; p < TOP_PROGRAMS; p++) {
        struct side *side = &feed->sides[p];

        if (!begins[p])
            continue;
        if (has_bus)
            ask(side, take_status, false, "Status", "");
        else
            fail(side, "the system's bus cannot be reached, so nobody can be asked");
    }
}

bool feed_is_idle(const struct feed *feed)
{
    return !feed->sides[PROGRAM_VCPU].is_asking && !feed->sides[PROGRAM_MEMORY].is_asking;
}

/* ---- Pauses ---- */

static int take_told(sd_bus_message *answer, void *userdata, sd_bus_error *unused)
{
    struct side *side = userdata;
    const sd_bus_error *error = sd_bus_message_get_error(answer);
    char said[TOP_TEXT_SIZE];

    (void)unused;
    if (error && does_not_run(error))
        return 0;
    if (error && sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
        snprintf(said, sizeof(said), "%s: only root and libvirt's group may tell it that",
                 program_name(side->program));
    else if (error)
        snprintf(said, sizeof(said), "%s: %s", program_name(side->program), error->message);
    else
        snprintf(said, sizeof(said), "%s has heard it", program_name(side->program));
    side->feed->news(side->feed->arg, said);
    return 0;
}

void feed_pause(struct feed *feed, const char *guest, bool ends)
{
    for (int p = 0; p < TOP_PROGRAMS && open_bus(feed); p++) {
        if (ends)
            ask(&feed->sides[p], take_told, true, "Resume", "s", guest);
        else
            ask(&feed->sides[p], take_told, true, "Pause", "st", guest, UINT64_C(0));
    }
}
