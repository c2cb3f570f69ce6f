/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/chronicle.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* MiB: what guests are to keep unused where nobody says otherwise, and with how much less they go without. */
static const double unused_wanted = 100, unused_scarce = 90;
static const double minute_s = 60;
enum { MAX_NAMES = 1 << 16 };

struct chronicle {
    struct run *run;
    double from_s, to_s;
    int *bins, *guests; /* places in the run, in the order of the lines; owned */
    size_t n_bins, n_guests;
    int place[RUN_MAX_GUESTS]; /* the bin to which a guest was pinned last, -1: it is not known */
    bool has_place[RUN_MAX_GUESTS];
    uint64_t cursor; /* changes that place counts */
};

struct chronicle *chronicle_new(enum program program, double from_s, double to_s, double step_s)
{
    struct chronicle *chronicle = calloc(1, sizeof(*chronicle));

    if (!chronicle)
        return NULL;
    chronicle->run = run_new(program, step_s);
    if (!chronicle->run) {
        free(chronicle);
        return NULL;
    }
    chronicle->run->is_dated = true;
    chronicle->from_s = from_s;
    chronicle->to_s = to_s;
    return chronicle;
}

struct run *chronicle_run(struct chronicle *chronicle)
{
    return chronicle->run;
}

struct run *chronicle_close(struct chronicle *chronicle)
{
    struct run *run = chronicle->run;

    free(chronicle->bins);
    free(chronicle->guests);
    free(chronicle);
    return run;
}

bool chronicle_is_one(const char *header, size_t n, enum program *ret_program, double *ret_step_s)
{
    json_t *json = json_loadb(header, n, 0, NULL);
    const char *format = json_string_value(json_object_get(json, "format"));
    const char *of = json_string_value(json_object_get(json, "of"));
    bool is_one = format && strcmp(format, "evenkeel-history") == 0 && of;

    if (is_one) {
        *ret_program = strstr(of, "memory") ? PROGRAM_MEMORY : PROGRAM_VCPU;
        *ret_step_s = strstr(of, "intervals") ? 1 : minute_s;
    }
    json_decref(json);
    return is_one;
}

bool chronicle_time(const char *line, size_t n, double *ret_s)
{
    json_t *json = json_loadb(line, n, 0, NULL);
    double t_s = json_number_value(json_object_get(json, "t"));

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

/* ---- Changes ---- */

static const char *text_of(const json_t *object, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : otherwise;
}

static void describe(const json_t *change, char *ret, size_t size)
{
    const json_t *vcpu = json_object_get(change, "vcpu"),
                 *iothread = json_object_get(change, "iothread");
    const char *from = text_of(change, "from", "anywhere"), *to = text_of(change, "to", "anywhere");
    char who[40] = "emulator";

    if (!vcpu && !iothread) {
        snprintf(ret, size, "from %.0f to %.0f MiB",
                 json_number_value(json_object_get(change, "from_mib")),
                 json_number_value(json_object_get(change, "to_mib")));
        return;
    }
    if (vcpu || json_integer_value(iothread) > 0)
        snprintf(who, sizeof(who), "%s %lld", vcpu ? "vCPU" : "I/O thread",
                 (long long)json_integer_value(vcpu ? vcpu : iothread));
    snprintf(ret, size, "%s from pCPU %.100s to %s%.100s", who, from,
             json_object_get(change, "to") && strcmp(to, "anywhere") != 0 ? "pCPU " : "", to);
}

/* Histories made before say how many changes of an interval failed, and not which. */
static void say_failed(const json_t *line, char *reason, size_t size)
{
    double n = json_number_value(json_object_get(line, "failed"));
    const json_t *changes = json_object_get(line, "changes"), *one;
    size_t i;

    json_array_foreach(changes, i, one)
    {
        if (json_is_true(json_object_get(one, "failed")))
            n = 0;
    }
    if (n > 0)
        snprintf(reason + strlen(reason), size - strlen(reason),
                 " (%.0f changes of that interval failed)", n);
}

static void take_change(struct chronicle *chronicle, double t_s, const json_t *line,
                        const json_t *change)
{
    const char *name = text_of(change, "guest", NULL), *to = text_of(change, "to", NULL),
               *from = text_of(change, "from", NULL);
    struct run *run = chronicle->run;
    int guest = name ? run_guest(chronicle->run, name, name) : -1, bin = -1;
    bool is_vcpu = json_object_get(change, "vcpu") != NULL;
    char what[300], reason[500];

    if (to && is_vcpu)
        bin = run_bin(chronicle->run, to);
    if (guest >= 0 && !chronicle->has_place[guest]) {
        chronicle->has_place[guest] = true;
        chronicle->place[guest] = from && is_vcpu ? run_bin(chronicle->run, from) : -1;
    }
    describe(change, what, sizeof(what));
    snprintf(reason, sizeof(reason), "%.400s", text_of(change, "reason", ""));
    say_failed(line, reason, sizeof(reason));
    run_add_change(run, guest,
                   &(struct run_change){
                       .t_s = t_s,
                       .bin = bin,
                       .would_be = json_is_true(json_object_get(line, "dry_run")),
                       .failed = json_is_true(json_object_get(change, "failed")),
                       .is_helper = !is_vcpu,
                       .thread = (unsigned)json_integer_value(json_object_get(change, "vcpu")),
                       .what = what,
                       .reason = reason});
}

/* Where guests were pinned at that time, as far as changes tell. */
static void catch_up(struct chronicle *chronicle, double t_s)
{
    const struct run *run = chronicle->run;
    uint64_t oldest = run->kept_changes - run->n_changes;

    if (chronicle->cursor < oldest)
        chronicle->cursor = oldest;
    for (; chronicle->cursor < run->kept_changes; chronicle->cursor++) {
        const struct run_change *change = run_change_at(run, (size_t)(chronicle->cursor - oldest));

        if (change->t_s > t_s)
            return;
        if (!change->would_be && !change->failed)
            chronicle->place[change->guest] = change->bin;
    }
}

/* ---- Figures ---- */

static double number_of(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static double element(const json_t *line, const char *name, size_t i)
{
    return number_of(json_array_get(json_object_get(line, name), i));
}

static void take_vcpus(struct chronicle *chronicle, const json_t *line)
{
    struct run *run = chronicle->run;

    run_set_host(run, RUN_SIGMA, number_of(json_object_get(line, "sigma_pct")));
    run_set_host(run, RUN_LEAST, number_of(json_object_get(line, "least_pct")));
    run_set_host(run, RUN_WAITING, number_of(json_object_get(line, "waiting_pct")));
    for (size_t b = 0; b < chronicle->n_bins; b++) {
        run_set_bin(run, chronicle->bins[b], RUN_LOAD, element(line, "load_permille", b) / 10);
        run_set_bin(run, chronicle->bins[b], RUN_BACKGROUND,
                    element(line, "background_permille", b) / 10);
    }
    for (size_t g = 0; g < chronicle->n_guests; g++) {
        int guest = chronicle->guests[g],
            bin = guest >= 0 && chronicle->has_place[guest] ? chronicle->place[guest] : -1;
        double waited = element(line, "waiting_permille", g) / 10;
        const struct cell *load = bin >= 0 ? run->bins[bin].values[RUN_LOAD] : NULL;

        if (bin >= 0 && strspn(run->bins[bin].name, "0123456789") == strlen(run->bins[bin].name))
            run_set_where(run, guest, (unsigned)strtoul(run->bins[bin].name, NULL, 10), waited);
        run_set_guest(run, guest, RUN_USED, element(line, "used_permille", g) / 10);
        run_set_guest(run, guest, RUN_WAITED, waited);
        if (load)
            run_set_guest(run, guest, RUN_AROUND, cell_mean(&load[run->column]));
    }
}

static void take_memory(struct chronicle *chronicle, const json_t *line)
{
    struct run *run = chronicle->run;

    run_set_host(run, RUN_FREE, number_of(json_object_get(line, "free_mib")));
    run_set_host(run, RUN_RESERVE, number_of(json_object_get(line, "reserve_mib")));
    run_set_host(run, RUN_PROMISED, number_of(json_object_get(line, "promised_mib")));
    for (size_t g = 0; g < chronicle->n_guests; g++) {
        double size = element(line, "size_mib", g), used = element(line, "used_mib", g);
        double target = element(line, "target_mib", g);

        run_set_guest(run, chronicle->guests[g], RUN_SIZE, size);
        run_set_guest(run, chronicle->guests[g], RUN_IN_USE, used);
        run_set_guest(run, chronicle->guests[g], RUN_TARGET, target);
        if (!isnan(used))
            run_set_guest(run, chronicle->guests[g], RUN_LACKS,
                          size - used < unused_scarce
                              ? fmax(target - size, unused_wanted - (size - used))
                              : 0);
    }
}

static void take_figures(struct chronicle *chronicle, double t_s, const json_t *line)
{
    const json_t *n = json_object_get(line, "n");
    size_t n_intervals = json_integer_value(n) > 0 && json_integer_value(n) < 100000000
                             ? (size_t)json_integer_value(n)
                             : 1;

    catch_up(chronicle, t_s);
    run_begin(chronicle->run, t_s, n_intervals);
    run_decided(chronicle->run, text_of(line, "verdict", "unknown"), n_intervals);
    if (chronicle->run->program == PROGRAM_VCPU)
        take_vcpus(chronicle, line);
    else
        take_memory(chronicle, line);
}

static void take_line(struct chronicle *chronicle, double t_s, const json_t *line)
{
    const json_t *changes = json_object_get(line, "changes");
    bool is_inside = t_s >= chronicle->from_s && t_s <= chronicle->to_s;

    if (json_object_get(line, "guests")) {
        free(chronicle->bins);
        free(chronicle->guests);
        chronicle->bins =
            take_names(chronicle, json_object_get(line, "bins"), true, &chronicle->n_bins);
        chronicle->guests =
            take_names(chronicle, json_object_get(line, "guests"), false, &chronicle->n_guests);
    } else if (changes && is_inside) {
        for (size_t i = 0; i < json_array_size(changes); i++)
            take_change(chronicle, t_s, line, json_array_get(changes, i));
    } else if (is_inside && json_object_get(line, "verdict")) {
        take_figures(chronicle, t_s, line);
    }
}

double chronicle_take(struct chronicle *chronicle, const char *text, size_t n)
{
    json_t *line = json_loadb(text, n, 0, NULL);
    double t_s = number_of(json_object_get(line, "t"));

    if (isnan(t_s))
        chronicle->run->n_damaged++;
    else
        take_line(chronicle, t_s, line);
    json_decref(line);
    return t_s;
}
