/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/chronicle.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/json_values.h"
#include "agent/history/change_text.h"
#include "agent/page/places.h"
#include "planner/base/units.h"
#include "planner/memory/planner.h"

/* Of what guests are to keep unused: with less they go without. */
static const double scarce_share = 0.9;
static const double minute_s = 60;
enum { MAX_NAMES = 1 << 16 };

struct chronicle {
    struct run *run;
    double from_s, to_s;        /* of changes */
    double begin_s, end_s;      /* of figures */
    double step_s;              /* from one line of figures to the next; 0: as they come */
    double last_s, last_step_s; /* of figures; NAN: there was none */
    int *bins, *guests;         /* places in the run, in the order of the lines; owned */
    size_t n_bins, n_guests;
    double unused_mib; /* what guests are to keep unused where nobody says otherwise */
    struct places places[RUN_MAX_GUESTS];
    double known_s;    /* since when it is known where vCPUs were */
    uint64_t cursor;   /* changes that places count */
    unsigned *n_vcpus; /* [n_guests] how many each has, 0: not told; owned */
};

struct chronicle *chronicle_new(enum program program, double from_s, double to_s)
{
    struct chronicle *chronicle = calloc(1, sizeof(*chronicle));
    struct memory_settings settings;

    if (!chronicle)
        return NULL;
    chronicle->run = run_new(program, 1);
    if (!chronicle->run) {
        free(chronicle);
        return NULL;
    }
    memory_settings_default(&settings);
    chronicle->unused_mib = (double)settings.guest_unused_kib / KIB_PER_MIB;
    chronicle->run->is_dated = true;
    chronicle->known_s = -INFINITY;
    chronicle->from_s = from_s;
    chronicle->to_s = to_s;
    chronicle_expect(chronicle, from_s, to_s, minute_s);
    return chronicle;
}

void chronicle_expect(struct chronicle *chronicle, double from_s, double to_s, double step_s)
{
    chronicle->begin_s = from_s;
    chronicle->end_s = to_s;
    chronicle->step_s = step_s;
    chronicle->last_s = chronicle->last_step_s = NAN;
}

struct run *chronicle_run(struct chronicle *chronicle)
{
    return chronicle->run;
}

struct run *chronicle_close(struct chronicle *chronicle)
{
    struct run *run = chronicle->run;

    run_drop_bins(run);
    for (size_t g = 0; g < RUN_MAX_GUESTS; g++)
        places_done(&chronicle->places[g]);
    free(chronicle->bins);
    free(chronicle->guests);
    free(chronicle->n_vcpus);
    free(chronicle);
    return run;
}

bool chronicle_is_one(const char *header, size_t n, enum program *ret_program)
{
    json_t *json = json_loadb(header, n, 0, NULL);
    const char *format = json_string_value(json_object_get(json, "format"));
    const char *of = json_string_value(json_object_get(json, "of"));
    bool is_one = format && strcmp(format, "evenkeel-history") == 0 && of;

    if (is_one)
        *ret_program = strstr(of, "memory") ? PROGRAM_MEMORY : PROGRAM_VCPU;
    json_decref(json);
    return is_one;
}

bool chronicle_time(const char *line, size_t n, double *ret_s)
{
    json_t *json = json_loadb(line, n, 0, NULL);
    double t_s =
        json_object_get(json, "guests") ? 0 : json_number_value(json_object_get(json, "t"));

    json_decref(json);
    if (t_s > 0)
        *ret_s = t_s;
    return t_s > 0;
}

/* ---- Names ---- */

static int *take_names(struct chronicle *chronicle, const json_t *array, bool of_bins,
                       size_t *ret_n)
{
    size_t n = json_array_size(array);
    int *places = calloc(n + 1, sizeof(*places));

    *ret_n = 0;
    if (!places || n > MAX_NAMES) {
        chronicle->run->no_memory = true;
        return places;
    }
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(array, i));

        if (!name)
            places[i] = -1;
        else
            places[i] =
                of_bins ? run_bin(chronicle->run, name) : run_guest(chronicle->run, name, name);
    }
    *ret_n = n;
    return places;
}

static unsigned *take_counts(const json_t *array, size_t n)
{
    unsigned *counts = calloc(n + 1, sizeof(*counts));

    for (size_t i = 0; counts && i < n; i++) {
        json_int_t count = json_integer_value(json_array_get(array, i));

        counts[i] = count > 0 && count <= PLACES_MAX ? (unsigned)count : 0;
    }
    return counts;
}

static void take_all_names(struct chronicle *chronicle, const json_t *line)
{
    free(chronicle->bins);
    free(chronicle->guests);
    free(chronicle->n_vcpus);
    chronicle->bins =
        take_names(chronicle, json_object_get(line, "bins"), true, &chronicle->n_bins);
    chronicle->guests =
        take_names(chronicle, json_object_get(line, "guests"), false, &chronicle->n_guests);
    chronicle->n_vcpus = take_counts(json_object_get(line, "vcpus"), chronicle->n_guests);
    chronicle->run->no_memory |= !chronicle->n_vcpus;
}

/* ---- Changes ---- */

static const char *text_of(const json_t *object, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : otherwise;
}

/* Histories made before say how many changes of an interval failed, and not which. */
static void say_failed(const json_t *line, char *reason, size_t size)
{
    double n = json_number_value(json_object_get(line, "failed"));
    const json_t *changes = json_object_get(line, "changes"), *one;
    size_t i;

    json_array_foreach(changes, i, one)
    {
        if (change_has_failed(one))
            n = 0;
    }
    if (n > 0)
        snprintf(reason + strlen(reason), size - strlen(reason),
                 " (%.0f changes of that interval failed)", n);
}

static int bin_named(struct chronicle *chronicle, const json_t *change, const char *name)
{
    const char *pcpus = text_of(change, name, NULL);

    return pcpus ? run_bin(chronicle->run, pcpus) : PLACE_NONE;
}

/* Where vCPUs were pinned at that time, as far as changes tell. */
static void catch_up(struct chronicle *chronicle, double t_s)
{
    const struct run *run = chronicle->run;
    uint64_t oldest = run->kept_changes - run->n_changes;

    if (chronicle->cursor < oldest)
        chronicle->cursor = oldest;
    for (; chronicle->cursor < run->kept_changes; chronicle->cursor++) {
        const struct run_change *change = run_change_at(run, (size_t)(chronicle->cursor - oldest));
        int *place;

        if (change->t_s > t_s)
            return;
        place =
            change->is_helper ? NULL : places_of(&chronicle->places[change->guest], change->thread);
        if (place && !change->would_be && !change->failed)
            *place = change->bin;
    }
}

/* Where no more changes are kept: what the oldest one tells is known from then on, and nothing before. */
static void forget_oldest(struct chronicle *chronicle)
{
    const struct run *run = chronicle->run;

    if (run->n_changes < RUN_MAX_CHANGES)
        return;
    chronicle->known_s = run_change_at(run, 0)->t_s;
    catch_up(chronicle, chronicle->known_s);
}

/* A vCPU's first change tells where it was before. */
static void take_change(struct chronicle *chronicle, double t_s, const json_t *line,
                        const json_t *change)
{
    const char *name = text_of(change, "guest", NULL);
    const json_t *vcpu = json_object_get(change, "vcpu");
    struct run *run = chronicle->run;
    int guest = name ? run_guest(run, name, name) : -1, bin = PLACE_NONE, *place;
    unsigned thread =
        (unsigned)json_integer_value(vcpu ? vcpu : json_object_get(change, "iothread"));
    char what[CHANGE_TEXT_SIZE], reason[500];

    if (vcpu)
        bin = bin_named(chronicle, change, "to");
    place = guest >= 0 && vcpu ? places_of(&chronicle->places[guest], thread) : NULL;
    if (place && *place == PLACE_UNTOLD)
        *place = bin_named(chronicle, change, "from");
    snprintf(reason, sizeof(reason), "%.400s", text_of(change, "reason", ""));
    say_failed(line, reason, sizeof(reason));
    forget_oldest(chronicle);
    run_add_change(run, guest,
                   &(struct run_change){.t_s = t_s,
                                        .bin = bin,
                                        .would_be = json_is_true(json_object_get(line, "dry_run")),
                                        .failed = change_has_failed(change),
                                        .is_helper = !vcpu,
                                        .thread = thread,
                                        .what = change_text(change, NULL, what),
                                        .reason = reason});
}

/* ---- Figures ---- */

static double element(const json_t *line, const char *name, size_t i)
{
    return json_number_or_nan(json_array_get(json_object_get(line, name), i));
}

static void take_vcpus(struct chronicle *chronicle, double t_s, const json_t *line)
{
    struct run *run = chronicle->run;

    run_set_host(run, RUN_SIGMA, json_number_or_nan(json_object_get(line, "sigma_pct")));
    run_set_host(run, RUN_LEAST, json_number_or_nan(json_object_get(line, "least_pct")));
    run_set_host(run, RUN_WAITING, json_number_or_nan(json_object_get(line, "waiting_pct")));
    for (size_t b = 0; b < chronicle->n_bins; b++) {
        run_set_bin(run, chronicle->bins[b], RUN_LOAD, element(line, "load_permille", b) / 10);
        run_set_bin(run, chronicle->bins[b], RUN_BACKGROUND,
                    element(line, "background_permille", b) / 10);
    }
    for (size_t g = 0; g < chronicle->n_guests; g++) {
        int guest = chronicle->guests[g];
        double waited = element(line, "waiting_permille", g) / 10;

        if (guest >= 0 && t_s >= chronicle->known_s)
            places_set_around(&chronicle->places[guest], chronicle->run, guest,
                              chronicle->n_vcpus ? chronicle->n_vcpus[g] : 0, waited);
        run_set_guest(run, guest, RUN_USED, element(line, "used_permille", g) / 10);
        run_set_guest(run, guest, RUN_WAITED, waited);
    }
}

static void take_memory(struct chronicle *chronicle, const json_t *line)
{
    struct run *run = chronicle->run;

    run_set_host(run, RUN_FREE, json_number_or_nan(json_object_get(line, "free_mib")));
    run_set_host(run, RUN_RESERVE, json_number_or_nan(json_object_get(line, "reserve_mib")));
    run_set_host(run, RUN_PROMISED, json_number_or_nan(json_object_get(line, "promised_mib")));
    for (size_t g = 0; g < chronicle->n_guests; g++) {
        double size = element(line, "size_mib", g), used = element(line, "used_mib", g);
        double target = element(line, "target_mib", g);

        run_set_guest(run, chronicle->guests[g], RUN_SIZE, size);
        run_set_guest(run, chronicle->guests[g], RUN_IN_USE, used);
        run_set_guest(run, chronicle->guests[g], RUN_TARGET, target);
        if (!isnan(used))
            run_set_guest(run, chronicle->guests[g], RUN_LACKS,
                          size - used < scarce_share * chronicle->unused_mib
                              ? fmax(target - size, chronicle->unused_mib - (size - used))
                              : 0);
    }
}

/* A column holds at least one line, whose times are cut to seconds. Of a gap it is known by the step before that
 * it is none. */
static void expect_step(struct chronicle *chronicle, double t_s)
{
    double step_s = t_s - chronicle->last_s;

    if (chronicle->step_s > 0)
        run_widen(chronicle->run, chronicle->step_s);
    else if (step_s > 0)
        run_widen(chronicle->run, fmin(step_s, chronicle->last_step_s) + 1);
    if (step_s > 0)
        chronicle->last_step_s = step_s;
    chronicle->last_s = t_s;
}

static void take_figures(struct chronicle *chronicle, double t_s, const json_t *line)
{
    const json_t *n = json_object_get(line, "n");
    size_t n_intervals = json_integer_value(n) > 0 && json_integer_value(n) < 100000000
                             ? (size_t)json_integer_value(n)
                             : 1;

    catch_up(chronicle, t_s);
    expect_step(chronicle, t_s);
    run_begin(chronicle->run, t_s, n_intervals);
    run_decided(chronicle->run, text_of(line, "verdict", "unknown"), n_intervals);
    if (chronicle->run->program == PROGRAM_VCPU)
        take_vcpus(chronicle, t_s, line);
    else
        take_memory(chronicle, line);
}

static void take_line(struct chronicle *chronicle, double t_s, const json_t *line)
{
    const json_t *changes = json_object_get(line, "changes");

    if (json_object_get(line, "guests")) {
        take_all_names(chronicle, line);
    } else if (changes) {
        for (size_t i = 0; i < json_array_size(changes); i++)
            if (t_s >= chronicle->from_s && t_s <= chronicle->to_s)
                take_change(chronicle, t_s, line, json_array_get(changes, i));
    } else if (json_object_get(line, "verdict") && t_s >= chronicle->begin_s &&
               t_s <= chronicle->end_s) {
        take_figures(chronicle, t_s, line);
    }
}

double chronicle_take(struct chronicle *chronicle, const char *text, size_t n)
{
    json_t *line = json_loadb(text, n, 0, NULL);
    double t_s = json_number_or_nan(json_object_get(line, "t"));

    if (isnan(t_s))
        chronicle->run->n_damaged++;
    else
        take_line(chronicle, t_s, line);
    json_decref(line);
    return t_s;
}
