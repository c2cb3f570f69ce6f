/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/client/past.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/json_values.h"
#include "agent/base/text.h"
#include "agent/client/when.h"
#include "agent/history/change_text.h"

/* ---- Reading ---- */

/* The place of the guest in the lines that follow; -1: it is not in them. */
static long place_of(const json_t *names, const char *guest)
{
    const json_t *guests = json_object_get(names, "guests");

    for (size_t i = 0; i < json_array_size(guests); i++) {
        const char *name = json_string_value(json_array_get(guests, i));

        if (name && strcmp(name, guest) == 0)
            return (long)i;
    }
    return -1;
}

/* Leaves in a line of changes those of the guest; false: there is none. */
static bool keep_changes(json_t *line, const char *guest)
{
    json_t *changes = json_object_get(line, "changes");

    for (size_t i = json_array_size(changes); i-- > 0;) {
        const char *name = json_string_value(json_object_get(json_array_get(changes, i), "guest"));

        if (!name || strcmp(name, guest) != 0)
            json_array_remove(changes, i);
    }
    return json_array_size(changes) > 0;
}

static const char *const of_guests[] = {"used_permille", "waiting_permille", "size_mib", "used_mib",
                                        "target_mib"};

/* The guest's own figures of a minute. */
static json_t *own_figures(const json_t *line, long place)
{
    json_t *own = json_members("t", json_incref(json_object_get(line, "t")), "verdict",
                               json_incref(json_object_get(line, "verdict")), NULL);

    for (size_t i = 0; i < sizeof(of_guests) / sizeof(of_guests[0]); i++) {
        json_t *value = json_array_get(json_object_get(line, of_guests[i]), (size_t)place);

        if (value)
            json_object_set(own, of_guests[i], value);
    }
    return own;
}

struct reading {
    const char *guest; /* NULL: all */
    long place;
    json_t *lines;
};

static void take_line(struct reading *reading, json_t *line)
{
    if (!reading->guest) {
        json_array_append(reading->lines, line);
    } else if (json_object_get(line, "guests")) {
        reading->place = place_of(line, reading->guest);
    } else if (json_object_get(line, "changes")) {
        if (keep_changes(line, reading->guest))
            json_array_append(reading->lines, line);
    } else if (reading->place >= 0) {
        json_array_append_new(reading->lines, own_figures(line, reading->place));
    }
}

static bool take_page(void *arg, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        json_t *line = json_loadb(text, n, 0, NULL);

        if (line)
            take_line(arg, line);
        json_decref(line);
        text += n + (text[n] == '\n');
    }
    return true;
}

bool past_pages(struct asking *asking, enum program program, const char *kind, int64_t since_s,
                bool (*take)(void *arg, const char *page), void *arg)
{
    char cursor[100] = "";

    do {
        sd_bus_message *answer =
            asking_call(asking, program, false, "History", "sxs", kind, since_s, cursor);
        const char *page, *next;
        bool is_page = answer && sd_bus_message_read(answer, "ss", &page, &next) >= 0;

        if (is_page)
            snprintf(cursor, sizeof(cursor), "%s", take(arg, page) ? next : "");
        sd_bus_message_unref(answer);
        if (!is_page)
            return false;
    } while (cursor[0]);
    return true;
}

json_t *past_read(struct asking *asking, enum program program, const char *kind, int64_t since_s,
                  const char *guest)
{
    struct reading reading = {guest, -1, json_array()};

    if (past_pages(asking, program, kind, since_s, take_page, &reading))
        return reading.lines;
    json_decref(reading.lines);
    return NULL;
}

/* ---- Showing ---- */

static const char *string_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static void show_change(const json_t *line, const json_t *change)
{
    bool is_dry_run = json_is_true(json_object_get(line, "dry_run"));
    char at[40], text[CHANGE_TEXT_SIZE], how[CHANGE_HOW_SIZE], guest[400], reason[400];

    printf("  %s  %s %s: %s\n",
           when_text(json_integer_value(json_object_get(line, "t")), at, sizeof(at)),
           text_shown(string_of(change, "guest"), guest, sizeof(guest)),
           change_text(change, change_how(change, is_dry_run, how), text),
           text_shown(string_of(change, "reason"), reason, sizeof(reason)));
}

size_t past_show_changes(const json_t *lines, size_t max)
{
    size_t n = 0, skipped = 0;

    for (size_t i = 0; i < json_array_size(lines); i++)
        n += json_array_size(json_object_get(json_array_get(lines, i), "changes"));
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i), *changes = json_object_get(line, "changes");
        double failed = json_number_value(json_object_get(line, "failed"));
        bool is_told = false; /* of each by itself */

        for (size_t k = 0; k < json_array_size(changes); k++) {
            const json_t *change = json_array_get(changes, k);

            is_told |= json_object_get(change, "failed") != NULL;
            if (skipped++ + max >= n)
                show_change(line, change);
        }
        if (failed > 0 && !is_told && skipped + max > n)
            printf("    %.0f of that interval's changes failed\n", failed);
    }
    return n;
}

/* The mean of a member over the minutes that have it; NAN: none has. */
static double mean(const json_t *minutes, const char *name)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(minutes); i++) {
        const json_t *value = json_object_get(json_array_get(minutes, i), name);

        if (!json_is_number(value))
            continue;
        sum += json_number_value(value);
        n++;
    }
    return n ? sum / (double)n : NAN;
}

/* What all the minutes were on average. */
static void show_minutes(const json_t *minutes)
{
    static const struct {
        const char *name, *before, *unit;
        double scale;
        int digits;
    } figures[] = {{"sigma_pct", "sigma", " %", 1, 2},
                   {"least_pct", "at least", " %", 1, 2},
                   {"waiting_pct", "vCPUs waited", " % of what they ran", 1, 1},
                   {"used_permille", "it used", " % of a pCPU", 0.1, 1},
                   {"waiting_permille", "it waited", " %", 0.1, 1},
                   {"free_mib", "", " MiB free", 1, 0},
                   {"size_mib", "it held", " MiB", 1, 0},
                   {"used_mib", "", " MiB in use", 1, 0},
                   {"target_mib", "and should hold", " MiB", 1, 0}};
    size_t n = 0;
    char at[40];
    int64_t first_s = 0;

    for (size_t i = json_array_size(minutes); i-- > 0;) {
        if (json_object_get(json_array_get(minutes, i), "guests"))
            continue;
        first_s = json_integer_value(json_object_get(json_array_get(minutes, i), "t"));
        n++;
    }
    if (n == 0)
        return;
    printf("  %zu minutes since %s", n, when_text(first_s, at, sizeof(at)));
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
        if (isfinite(mean(minutes, figures[i].name)))
            printf(", %s%s%.*f%s", figures[i].before, figures[i].before[0] ? " " : "",
                   figures[i].digits, figures[i].scale * mean(minutes, figures[i].name),
                   figures[i].unit);
    printf("\n");
}

const char *past_since(const json_t *known, char *ret, size_t size)
{
    const json_t *since = json_object_get(known, "since");
    char at[40];

    ret[0] = '\0';
    if (json_is_integer(since))
        snprintf(ret, size, " since %s%s", when_text(json_integer_value(since), at, sizeof(at)),
                 json_is_true(json_object_get(known, "kept")) ? "" : ", in memory only");
    return ret;
}

static void show_past(struct asking *asking, enum program program, const json_t *changes,
                      const json_t *minutes)
{
    json_t *status = asking_json(asking_call(asking, program, false, "Status", ""));
    char since[100];

    past_since(json_object_get(status, "history"), since, sizeof(since));
    printf("%s%s%s:\n", program_name(program), since[0] ? ", known" : "", since);
    if (past_show_changes(changes, SIZE_MAX / 2) == 0)
        printf("  no change\n");
    show_minutes(minutes);
    json_decref(status);
}

/* History has names alone. One that runs is known by its UUID as well; who does not is looked for as it
 * was written. Valid until the answer is released. */
static const char *name_of(struct asking *asking, enum program program, json_t **ret_answer)
{
    const char *guest = asking->line->argument, *name = NULL;
    const struct asking before = *asking;
    unsigned char uuid[16];

    *ret_answer = NULL;
    if (!guest || guest_uuid_parse(guest, uuid) < 0)
        return guest;
    *ret_answer = asking_json(asking_call(asking, program, false, "Why", "s", guest));
    name = json_string_value(json_object_get(*ret_answer, "guest"));
    *asking = before;
    return name ? name : guest;
}

/* As the members of "history" in other answers: since and kept. */
static json_t *past_json(struct asking *asking, enum program program, json_t *changes,
                         json_t *minutes)
{
    json_t *status = asking_json(asking_call(asking, program, false, "Status", ""));
    json_t *past = json_members("program", json_string(program_name(program)), "changes",
                                json_incref(changes), "minutes", json_incref(minutes), NULL);

    if (past)
        json_object_update_missing(past, json_object_get(status, "history"));
    json_decref(status);
    return past;
}

static void one_past(struct asking *asking, enum program program)
{
    int64_t since_s = asking->line->since_s;
    json_t *answer;
    const char *guest = name_of(asking, program, &answer);
    json_t *changes = past_read(asking, program, "changes", since_s, guest);
    json_t *minutes = changes ? past_read(asking, program, "minutes", since_s, guest) : NULL;

    if (minutes && asking->line->json) {
        json_array_append_new(asking->all, past_json(asking, program, changes, minutes));
    } else if (minutes) {
        show_past(asking, program, changes, minutes);
    }
    json_decref(changes);
    json_decref(minutes);
    json_decref(answer);
}

int past_run(const struct request_line *line)
{
    return asking_run(line, 0, one_past);
}
