/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* strsep */
#include "tests/bench/recording.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const char CHANGES[] = "at_s,guest,vcpu,pct";

static void refuse(const char *path, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

static void refuse(const char *path, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "%s: ", path);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(2);
}

static void *grown(void *old, size_t n, size_t size)
{
    void *p = reallocarray(old, n, size);

    if (!p)
        abort();
    return p;
}

char *recording_text(const char *path)
{
    gzFile file = gzopen(path, "rb");
    size_t room = 1 << 20, n = 0;
    char *text = grown(NULL, room, 1);
    int got;

    if (!file)
        refuse(path, "%s", strerror(errno));
    while ((got = gzread(file, text + n, (unsigned)(room - n - 1))) > 0) {
        n += (size_t)got;
        if (room - n < room / 2)
            text = grown(text, room *= 2, 1);
    }
    if (got < 0)
        refuse(path, "the file is damaged");
    gzclose(file);
    text[n] = '\0';
    return text;
}

static struct series *add_series(struct recording *recording, const char *name)
{
    int n = recording->n_series++;
    struct series *series;

    recording->series = grown(recording->series, (size_t)n + 1, sizeof(*series));
    series = &recording->series[n];
    *series = (struct series){.n_vcpus = 1};
    snprintf(series->name, sizeof(series->name), "%s", name);
    return series;
}

static double number(const char *path, const char *text)
{
    char *end;
    double value = text ? strtod(text, &end) : 0;

    if (!text || end == text || !isfinite(value))
        refuse(path, "'%.20s' is not a number", text ? text : "");
    return value;
}

static double share(double value)
{
    return fmin(1, fmax(0, value));
}

/* ---- A line per guest ---- */

static void read_values(const char *path, char *line, struct recording *ret, struct series *series)
{
    int n = 0, room = 0;

    for (char *word; (word = strsep(&line, ",")); n++) {
        if (n == room) {
            room = room ? 2 * room : 1024;
            series->value = grown(series->value, (size_t)room, sizeof(double));
        }
        series->value[n] = share(number(path, word) / 1000);
    }
    ret->n_steps = ret->n_steps && ret->n_steps < n ? ret->n_steps : n;
}

static struct recording read_lines(const char *path, char *text)
{
    struct recording recording = {0};
    char *line = strsep(&text, "\n");

    if (sscanf(line, "# step_s=%lf", &recording.step_s) != 1 || !(recording.step_s > 0))
        refuse(path, "its first line has neither step_s= nor %s", CHANGES);
    while ((line = strsep(&text, "\n"))) {
        char *name = strsep(&line, ","), *vcpus = strsep(&line, ",");
        struct series *series;

        strsep(&line, ",");
        if (!line)
            continue;
        series = add_series(&recording, name);
        series->n_vcpus = (int)number(path, vcpus);
        read_values(path, line, &recording, series);
    }
    return recording;
}

/* ---- A line per change ---- */

struct change {
    double at_s, value;
    int series;
};

static int find_series(struct recording *recording, const char *guest, const char *vcpu)
{
    char name[sizeof(recording->series->name)];

    snprintf(name, sizeof(name), "%s.%s", guest, vcpu);
    for (int k = recording->n_series; k-- > 0;)
        if (strcmp(recording->series[k].name, name) == 0)
            return k;
    add_series(recording, name);
    return recording->n_series - 1;
}

/* Each value holds until the next one. */
static void lay_out(struct recording *recording, const struct change *changes, size_t n)
{
    double first_s = changes[0].at_s, last_s = changes[n - 1].at_s;

    recording->n_steps = (int)((last_s - first_s) / recording->step_s) + 1;
    for (int k = 0; k < recording->n_series; k++)
        recording->series[k].value = grown(NULL, (size_t)recording->n_steps, sizeof(double));
    for (int k = 0; k < recording->n_series; k++)
        for (int t = 0; t < recording->n_steps; t++)
            recording->series[k].value[t] = -1;
    for (size_t k = 0; k < n; k++)
        recording->series[changes[k].series]
            .value[(int)((changes[k].at_s - first_s) / recording->step_s)] = changes[k].value;
    for (int k = 0; k < recording->n_series; k++)
        for (int t = 0; t < recording->n_steps; t++)
            if (recording->series[k].value[t] < 0)
                recording->series[k].value[t] = t ? recording->series[k].value[t - 1] : 0;
}

static struct recording read_changes(const char *path, char *text)
{
    struct recording recording = {.step_s = INFINITY};
    struct change *changes = NULL;
    size_t n = 0, room = 0;

    strsep(&text, "\n");
    for (char *line; (line = strsep(&text, "\n"));) {
        char *at = strsep(&line, ","), *guest = strsep(&line, ","), *vcpu = strsep(&line, ",");
        char *pct = strsep(&line, ",");

        if (!pct || !*pct)
            continue;
        if (n == room)
            changes = grown(changes, room = room ? 2 * room : 1024, sizeof(*changes));
        changes[n] = (struct change){number(path, at), share(number(path, pct) / 100),
                                     find_series(&recording, guest, vcpu)};
        if (n && changes[n].at_s < changes[n - 1].at_s)
            refuse(path, "line %zu goes back in time", n + 2);
        if (n && changes[n].at_s > changes[n - 1].at_s)
            recording.step_s = fmin(recording.step_s, changes[n].at_s - changes[n - 1].at_s);
        n++;
    }
    if (n == 0 || !isfinite(recording.step_s))
        refuse(path, "it has fewer than two moments");
    lay_out(&recording, changes, n);
    free(changes);
    return recording;
}

struct recording recording_read(const char *path)
{
    char *text = recording_text(path);
    struct recording recording = strncmp(text, CHANGES, strlen(CHANGES)) == 0
                                     ? read_changes(path, text)
                                     : read_lines(path, text);

    free(text);
    if (recording.n_series == 0 || recording.n_steps < 3)
        refuse(path, "it has no guests, or fewer than three values of them");
    return recording;
}

void recording_done(struct recording *recording)
{
    for (int k = 0; k < recording->n_series; k++)
        free(recording->series[k].value);
    free(recording->series);
}
