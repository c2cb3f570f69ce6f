/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/recording.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/option_values.h"
#include "agent/page/entry.h"

static const char format[] = "evenkeel-recording";

/* ---- The first line ---- */

struct header {
    struct skim_part format, program;
    double interval_s;
};

static bool read_header(const char *text, size_t n, struct header *ret)
{
    static const struct skim_part none = {"", 0};
    struct skim_part name;
    struct skim skim;

    *ret = (struct header){none, none, NAN};
    skim_begin(&skim, text, n);
    if (!skim_object(&skim))
        return false;
    while (skim_member(&skim, &name)) {
        if (skim_is(&name, "format"))
            skim_string(&skim, &ret->format);
        else if (skim_is(&name, "program"))
            skim_string(&skim, &ret->program);
        else if (skim_is(&name, "interval_s"))
            skim_number(&skim, &ret->interval_s);
        else
            skim_pass(&skim);
    }
    return !skim.failed && skim_is(&ret->format, format);
}

bool recording_is_one(const char *header, size_t n)
{
    struct header read;

    return read_header(header, n, &read);
}

int recording_open(const char *path, const char *header, size_t n, double from_s, double to_s,
                   struct recording **ret, struct err *err)
{
    struct recording *recording;
    struct header read;
    bool is_memory;

    if (!read_header(header, n, &read))
        return err_set(err, -EINVAL, "'%s' is not a recording made by --record", path);
    is_memory = skim_is(&read.program, program_name(PROGRAM_MEMORY));
    if (!is_memory && !skim_is(&read.program, program_name(PROGRAM_VCPU)))
        return err_set(err, -EINVAL, "'%s' is a recording of a program that is not known", path);
    if (!option_is_interval(read.interval_s))
        return err_set(err, -EINVAL, "'%s' has an interval of %g s, which no run has", path,
                       read.interval_s);
    recording = calloc(1, sizeof(*recording));
    if (recording) {
        recording->run = run_new(is_memory ? PROGRAM_MEMORY : PROGRAM_VCPU, read.interval_s);
        recording->pcpus = calloc(CPUSET_SIZE, sizeof(*recording->pcpus));
        recording->guests = calloc(RUN_MAX_GUESTS, sizeof(*recording->guests));
    }
    if (!recording || !recording->run || !recording->pcpus || !recording->guests) {
        if (recording)
            run_free(recording_close(recording));
        return err_set(err, -ENOMEM, "out of memory");
    }
    for (size_t p = 0; p < CPUSET_SIZE; p++)
        recording->pcpus[p].bin = -1;
    recording->from_s = from_s;
    recording->to_s = to_s;
    *ret = recording;
    return 0;
}

struct run *recording_run(struct recording *recording)
{
    return recording->run;
}

struct run *recording_close(struct recording *recording)
{
    struct run *run = recording->run;

    if (run)
        run_drop_bins(run);
    free(recording->pcpus);
    free(recording->guests);
    free(recording->now.list);
    free(recording->before.list);
    free(recording);
    return run;
}

/* ---- Times ---- */

/* Days since 1970 of the Gregorian calendar; H. Hinnant, days_from_civil. */
static double days_of(int year, int month, int day)
{
    long y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    long of_year = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    long days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;

    return (double)days;
}

/* "2026-11-30T03:12:07+01:00" as seconds since 1970. */
static bool parse_at(const struct skim_part *part, double *ret_s)
{
    int year, month, day, hour, minute, second, zone_hour, zone_minute, n = 0;
    char text[32], sign;

    if (part->n >= sizeof(text))
        return false;
    memcpy(text, part->at, part->n);
    text[part->n] = '\0';
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%c%2d:%2d%n", &year, &month, &day, &hour, &minute,
               &second, &sign, &zone_hour, &zone_minute, &n) != 9 ||
        (size_t)n != part->n || month < 1 || month > 12 || (sign != '+' && sign != '-'))
        return false;
    *ret_s = 86400 * days_of(year, month, day) + 3600 * hour + 60 * minute + second -
             (sign == '+' ? 1 : -1) * (3600 * zone_hour + 60 * zone_minute);
    return true;
}

bool recording_time(const char *line, size_t n, double *ret_s, bool *ret_is_dated)
{
    struct skim_part name, at;
    struct skim skim;
    uint64_t at_ns;

    skim_begin(&skim, line, n);
    if (!skim_object(&skim))
        return false;
    while (skim_member(&skim, &name)) {
        if (skim_is(&name, "at") && skim_string(&skim, &at) && parse_at(&at, ret_s)) {
            *ret_is_dated = true;
            return true;
        }
        if (skim_is(&name, "sample") && skim_object(&skim)) {
            while (skim_member(&skim, &name)) {
                if (skim_is(&name, "at_ns") && skim_count(&skim, &at_ns)) {
                    *ret_is_dated = false;
                    *ret_s = (double)at_ns / 1e9;
                    return true;
                }
                if (!skim_is(&name, "at_ns"))
                    skim_pass(&skim);
            }
        } else if (!skim_is(&name, "at") && !skim_is(&name, "sample")) {
            skim_pass(&skim);
        }
    }
    return false;
}

/* ---- Lines ---- */

int entry_guest(struct recording *recording, const struct skim_part *uuid,
                const struct skim_part *name)
{
    const struct run_guest *known = run_known(recording->run, uuid->at, uuid->n);
    char key[RUN_NAME_SIZE], shown[RUN_NAME_SIZE];

    if (known)
        return (int)(known - recording->run->guests);
    if (uuid->n == 0 || uuid->n >= sizeof(key) || name->n == 0)
        return -1;
    snprintf(key, sizeof(key), "%.*s", (int)uuid->n, uuid->at);
    skim_text(name, shown, sizeof(shown));
    return run_guest(recording->run, key, shown[0] ? shown : key);
}

void entry_change(struct recording *recording, int guest, const struct run_change *change,
                  const struct skim_part *reason)
{
    struct run_change timed = *change;
    char text[500];

    timed.t_s = recording->t_s;
    timed.reason = skim_text(reason, text, sizeof(text));
    run_add_change(recording->run, guest, &timed);
    recording->n_last += guest >= 0;
}

/* What became of the plan before: {"applied": false}, {"retract": ..}, {"refused": ..}. */
static void take_outcome(struct recording *recording, const struct skim_part *what,
                         const struct skim_part *uuid, bool is_helper, uint64_t thread)
{
    const struct run *run = recording->run;
    const struct run_guest *guest = uuid->n ? run_known(recording->run, uuid->at, uuid->n) : NULL;
    bool is_all = skim_is(what, "applied") || uuid->n == 0;

    for (size_t i = 0; i < recording->n_last && i < run->n_changes; i++) {
        struct run_change *change = run_change_at(run, run->n_changes - 1 - i);

        if (is_all)
            change->would_be = true;
        else if (guest && &run->guests[change->guest] == guest &&
                 (run->program == PROGRAM_MEMORY ||
                  (change->is_helper == is_helper && change->thread == thread)))
            change->failed = true;
    }
}

/* "at" and "at_ns" come first, so that it is known whose values follow. */
static bool begin(struct recording *recording, double t_s, bool is_dated)
{
    if (!recording->is_first_known) {
        recording->run->is_dated = is_dated;
        recording->first_ns = recording->at_ns;
        recording->is_first_known = true;
    }
    if (!recording->run->is_dated)
        t_s = ((double)recording->at_ns - (double)recording->first_ns) / 1e9;
    recording->t_s = t_s;
    recording->is_inside = t_s >= recording->from_s;
    recording->n_last = 0;
    if (t_s > recording->to_s)
        return false;
    if (recording->is_inside)
        run_begin(recording->run, t_s, 1);
    return true;
}

/* The sample, up to its time, and what follows it. */
static bool take_sample(struct recording *recording, struct skim *skim, double t_s, bool is_dated)
{
    struct skim_part name;

    recording->last_ns = recording->at_ns;
    if (!skim_member(skim, &name) || !skim_is(&name, "at_ns") ||
        !skim_count(skim, &recording->at_ns)) {
        skim->failed = true; /* our own samples begin with it */
        return true;
    }
    if (!begin(recording, t_s, is_dated))
        return false;
    if (recording->run->program == PROGRAM_VCPU)
        entry_vcpu_sample(recording, skim);
    else
        entry_memory_sample(recording, skim);
    recording->has_first = true;
    return true;
}

bool recording_take(struct recording *recording, const char *line, size_t n)
{
    static const struct skim_part none = {"", 0};
    struct skim_part name, at = none, what = none, uuid = none;
    double t_s = recording->t_s;
    bool is_dated = false, goes_on = true, is_helper = false;
    uint64_t thread = 0;
    struct skim skim;

    skim_begin(&skim, line, n);
    if (!skim_object(&skim)) {
        recording->run->n_damaged++;
        return true;
    }
    while (goes_on && skim_member(&skim, &name)) {
        if (skim_is(&name, "at")) {
            if (skim_string(&skim, &at))
                is_dated = parse_at(&at, &t_s);
        } else if (skim_is(&name, "sample")) {
            if (skim_object(&skim))
                goes_on = take_sample(recording, &skim, t_s, is_dated);
        } else if (skim_is(&name, "plan")) {
            if (!skim_object(&skim))
                continue;
            if (recording->run->program == PROGRAM_VCPU)
                entry_vcpu_plan(recording, &skim);
            else
                entry_memory_plan(recording, &skim);
        } else if (skim_is(&name, "applied") || skim_is(&name, "retract") ||
                   skim_is(&name, "refused")) {
            what = name;
            skim_string(&skim, &uuid);
        } else if (skim_is(&name, "vcpu") || skim_is(&name, "iothread")) {
            is_helper = skim_is(&name, "iothread");
            skim_count(&skim, &thread);
        } else {
            skim_pass(&skim);
        }
    }
    if (what.n)
        take_outcome(recording, &what, &uuid, is_helper, thread);
    recording->run->n_damaged += skim.failed;
    return goes_on;
}
