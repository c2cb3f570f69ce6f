/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/top/model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/json_values.h"
#include "agent/base/text.h"
#include "agent/history/change_text.h"

/* What is worth a word: less is noise of readings. */
static const double least_waiting_pct = 5, least_waiting_share = 0.2, least_missing_share = 0.02;

static void free_why(struct top_model *model)
{
    for (int p = 0; p < TOP_PROGRAMS; p++) {
        free(model->why[p]);
        model->why[p] = NULL;
    }
}

void top_model_done(struct top_model *model)
{
    for (int p = 0; p < TOP_PROGRAMS; p++)
        json_decref(model->sides[p].pauses);
    free(model->guests);
    free(model->bins);
    free(model->changes);
    free_why(model);
    *model = (struct top_model){0};
}

static double number_of(const json_t *object, const char *name)
{
    return json_number_or_nan(json_object_get(object, name));
}

static double element(const json_t *line, const char *name, size_t i)
{
    return json_number_or_nan(json_array_get(json_object_get(line, name), i));
}

static void take_text(const json_t *object, const char *name, char *ret, size_t size)
{
    const char *text = json_string_value(json_object_get(object, name));

    text_shown(text ? text : "", ret, size);
}

/* ---- Status ---- */

/* Guests by their true names, and all where there is none. Who is paused may be told before who is there. */
static void apply_pauses(struct top_model *model, enum program program)
{
    struct top_side *side = &model->sides[program];

    side->is_paused = false;
    for (size_t g = 0; g < model->n_guests; g++)
        model->guests[g].is_paused[program] = false;
    for (size_t i = 0; i < json_array_size(side->pauses); i++) {
        const json_t *pause = json_array_get(side->pauses, i);
        const char *name = json_string_value(json_object_get(pause, "name"));
        const char *guest = name ? name : json_string_value(json_object_get(pause, "guest"));

        if (!guest || !guest[0])
            side->is_paused = true;
        for (size_t g = 0; guest && g < model->n_guests; g++)
            if (strcmp(model->guests[g].true_name, guest) == 0)
                model->guests[g].is_paused[program] = true;
    }
}

void top_model_status(struct top_model *model, enum program program, const json_t *status)
{
    struct top_side *side = &model->sides[program];

    side->presence = TOP_THERE;
    side->said[0] = '\0';
    take_text(status, "verdict", side->verdict, sizeof(side->verdict));
    take_text(status, json_object_get(status, "not_kept") ? "not_kept" : "note", side->note,
              sizeof(side->note));
    side->is_interval = json_object_get(status, "interval") != NULL;
    side->bound = number_of(status, "bound");
    side->gap = number_of(status, "gap");
    side->n_moves = number_of(status, "moves");
    side->is_dry = json_is_true(json_object_get(status, "dry_run"));
    json_decref(side->pauses);
    side->pauses = json_deep_copy(json_object_get(status, "paused"));
    apply_pauses(model, program);
}

/* ---- Intervals ---- */

static int take_bins(struct top_model *model, const json_t *names, const json_t *line)
{
    const json_t *list = json_object_get(names, "bins");
    size_t n = json_array_size(list);
    struct top_bin *bins = calloc(n + 1, sizeof(*bins));

    if (!bins)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(list, i));

        text_shown(name ? name : "?", bins[i].name, sizeof(bins[i].name));
        bins[i].load = element(line, "load_permille", i) / 10;
        bins[i].background = element(line, "background_permille", i) / 10;
        bins[i].fair = element(line, "fair_permille", i) / 10;
    }
    free(model->bins);
    model->bins = bins;
    model->n_bins = n;
    return 0;
}

/* Both programs name guests in one order, so that the next one is mostly where it is looked for first. */
static struct top_guest *find(struct top_model *model, const char *true_name, size_t *hint)
{
    for (size_t i = 0; i < model->n_guests; i++) {
        size_t at = (*hint + i) % model->n_guests;

        if (strcmp(model->guests[at].true_name, true_name) == 0) {
            *hint = at + 1;
            return &model->guests[at];
        }
    }
    return NULL;
}

static struct top_guest *add(struct top_model *model, const char *true_name)
{
    struct top_guest *guest = &model->guests[model->n_guests++];

    *guest = (struct top_guest){.runs = (double)NAN,
                                .waits = (double)NAN,
                                .wants = (double)NAN,
                                .size = (double)NAN,
                                .used = (double)NAN,
                                .floor = (double)NAN};
    snprintf(guest->true_name, sizeof(guest->true_name), "%s", true_name);
    text_shown(true_name, guest->name, sizeof(guest->name));
    return guest;
}

static void fill(struct top_guest *guest, enum program program, const json_t *line, size_t i)
{
    guest->has[program] = true;
    if (program == PROGRAM_VCPU) {
        guest->runs = element(line, "used_permille", i) / 10;
        guest->waits = element(line, "waiting_permille", i) / 10;
        guest->wants = element(line, "demand_permille", i) / 10;
    } else {
        guest->size = element(line, "size_mib", i);
        guest->used = element(line, "used_mib", i);
        guest->floor = element(line, "floor_mib", i);
    }
}

static void forget(struct top_guest *guest, enum program program)
{
    guest->has[program] = false;
    if (program == PROGRAM_VCPU)
        guest->runs = guest->waits = guest->wants = (double)NAN;
    else
        guest->size = guest->used = guest->floor = (double)NAN;
}

/* Those of which neither program knows have ended. */
static void drop_ended(struct top_model *model)
{
    size_t n = 0;

    for (size_t i = 0; i < model->n_guests; i++)
        if (model->guests[i].has[PROGRAM_VCPU] || model->guests[i].has[PROGRAM_MEMORY])
            model->guests[n++] = model->guests[i];
    model->n_guests = n;
}

static void take_host(struct top_side *side, const json_t *line)
{
    side->sigma = number_of(line, "sigma_pct");
    side->least = number_of(line, "least_pct");
    side->free = number_of(line, "free_mib");
    side->reserve = number_of(line, "reserve_mib");
    side->promised = number_of(line, "promised_mib");
}

static void date_guest(struct top_model *model, struct top_guest *guest)
{
    for (size_t i = model->n_changes; i-- > 0 && guest->changed_s == 0;)
        if (model->changes[i].was_made && strcmp(model->changes[i].guest, guest->true_name) == 0)
            guest->changed_s = model->changes[i].at_s;
}

int top_model_interval(struct top_model *model, enum program program, const json_t *names,
                       const json_t *line)
{
    const json_t *list = json_object_get(names, "guests");
    size_t n = json_array_size(list), hint = 0;
    struct top_guest *guests = realloc(model->guests, (model->n_guests + n + 1) * sizeof(*guests));

    if (!guests)
        return -ENOMEM;
    model->guests = guests;
    if (program == PROGRAM_VCPU && take_bins(model, names, line) < 0)
        return -ENOMEM;
    take_host(&model->sides[program], line);
    for (size_t i = 0; i < model->n_guests; i++)
        forget(&model->guests[i], program);
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        struct top_guest *guest = name ? find(model, name, &hint) : NULL;

        if (!guest && name) {
            guest = add(model, name);
            date_guest(model, guest);
        }
        if (guest)
            fill(guest, program, line, i);
    }
    drop_ended(model);
    for (int p = 0; p < TOP_PROGRAMS; p++)
        apply_pauses(model, (enum program)p);
    return 0;
}

void top_model_absent(struct top_model *model, enum program program, const char *why)
{
    struct top_side *side = &model->sides[program];

    json_decref(side->pauses);
    *side = (struct top_side){.presence = TOP_ABSENT};
    apply_pauses(model, program);
    text_shown(why, side->said, sizeof(side->said));
    for (size_t i = 0; i < model->n_guests; i++)
        forget(&model->guests[i], program);
    drop_ended(model);
    if (program == PROGRAM_VCPU)
        model->n_bins = 0;
    free(model->why[program]);
    model->why[program] = NULL;
}

/* ---- Changes ---- */

/* "vCPU 0 from pCPU 2 to pCPU 7: why". */
static void describe(const json_t *change, bool is_dry, char *ret, size_t size)
{
    char text[CHANGE_TEXT_SIZE], reason[TOP_TEXT_SIZE];

    take_text(change, "reason", reason, sizeof(reason));
    snprintf(ret, size, "%s%s: %s",
             change_has_failed(change) ? "failed: "
             : is_dry                  ? "would: "
                                       : "",
             change_text(change, NULL, text), reason);
}

static struct top_change *push_change(struct top_model *model)
{
    if (!model->changes)
        model->changes = calloc(TOP_CHANGES, sizeof(*model->changes));
    if (!model->changes)
        return NULL;
    if (model->n_changes == TOP_CHANGES) {
        memmove(model->changes, model->changes + 1, (TOP_CHANGES - 1) * sizeof(*model->changes));
        model->n_changes--;
    }
    return &model->changes[model->n_changes++];
}

void top_model_changes(struct top_model *model, const json_t *line)
{
    const json_t *list = json_object_get(line, "changes");
    bool is_dry = json_is_true(json_object_get(line, "dry_run"));
    int64_t at_s = json_integer_value(json_object_get(line, "t"));
    size_t hint = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *object = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(object, "guest"));
        struct top_guest *guest = name && model->n_guests ? find(model, name, &hint) : NULL;
        struct top_change *change = push_change(model);
        bool was_made = !is_dry && !change_has_failed(object);

        if (guest && was_made && at_s > guest->changed_s)
            guest->changed_s = at_s;
        if (!change)
            return;
        change->at_s = at_s;
        change->was_made = was_made;
        snprintf(change->guest, sizeof(change->guest), "%s", name ? name : "?");
        describe(object, is_dry, change->text, sizeof(change->text));
        /* Two programs tell, each in its own order. */
        while (change > model->changes && change[-1].at_s > change->at_s) {
            struct top_change later = change[-1];

            change[-1] = *change;
            *change-- = later;
        }
    }
}

/* ---- Why ---- */

void top_model_why(struct top_model *model, enum program program, const char *guest,
                   const json_t *why)
{
    const json_t *about = json_object_get(why, "about"), *lines = json_object_get(about, "lines");
    const char *note = json_string_value(json_object_get(about, "note"));
    const char *change = json_string_value(json_object_get(about, "change"));
    char *text = NULL;
    size_t size = 0;
    FILE *out = why ? open_memstream(&text, &size) : NULL;

    snprintf(model->why_of[program], sizeof(model->why_of[program]), "%s", guest);
    free(model->why[program]);
    model->why[program] = NULL;
    if (!out)
        return;
    for (size_t i = 0; i < json_array_size(lines); i++)
        fprintf(out, "%s\n", json_string_value(json_array_get(lines, i)));
    if (note && note[0])
        fprintf(out, "%s\n", note);
    if (change && change[0])
        fprintf(out, "what would change it: %s\n", change);
    if (fclose(out) == 0)
        model->why[program] = text;
    else
        free(text);
}

bool top_guest_is_paused(const struct top_guest *guest)
{
    return guest->is_paused[PROGRAM_VCPU] || guest->is_paused[PROGRAM_MEMORY];
}

double top_guest_misses(const struct top_guest *guest)
{
    return isfinite(guest->floor) && isfinite(guest->size) ? fmax(0, guest->floor - guest->size)
                                                           : (double)NAN;
}

double top_guest_trouble(const struct top_guest *guest)
{
    double trouble = 0, misses = top_guest_misses(guest);

    if (isfinite(guest->waits) && isfinite(guest->runs) && guest->waits >= least_waiting_pct &&
        guest->waits >= least_waiting_share * (guest->waits + guest->runs))
        trouble += guest->waits;
    if (isfinite(misses) && misses > least_missing_share * guest->floor)
        trouble += 100 * misses / guest->floor;
    return trouble;
}
