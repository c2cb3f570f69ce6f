/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "agent/client/report_source.h"
#include "agent/client/when.h"
#include "agent/page/chronicle.h"
#include "agent/page/lines.h"
#include "agent/page/recording.h"

static const int64_t day_s = 86400;

/* A time in what begins at start_s: a span counts from there, and a time of day is the first one after it.
 * NULL: *ret_s stays. */
static int resolve(const char *text, const char *option, double start_s, bool is_dated,
                   double *ret_s, struct err *err)
{
    uint64_t span_s;
    int64_t at_s;

    if (!text)
        return 0;
    if (client_duration(text, &span_s) == 0) {
        *ret_s = start_s + (double)span_s;
        return 0;
    }
    if (is_dated && when_clock(text, (int64_t)start_s + day_s - 1, &at_s) == 0) {
        *ret_s = (double)at_s;
        return 0;
    }
    return err_set(err, -EINVAL,
                   is_dated
                       ? "%s of a file takes a time since its beginning like 90s or 2h, or one "
                         "like 03:12 or '2026-11-30 03:12': '%.60s'"
                       : "%s takes a time since its beginning like 90s or 2h where the host was "
                         "a simulated one: '%.60s'",
                   option, text);
}

/* The first line that has a time. 0, or a negative errno with a sentence. */
static int find_start(const char *path, bool is_recording, double *ret_s, bool *ret_is_dated,
                      struct err *err)
{
    struct lines *lines;
    char *text;
    size_t n;
    int r = lines_open(path, &lines, err);

    if (r < 0)
        return r;
    *ret_s = 0;
    *ret_is_dated = !is_recording;
    while (lines_next(lines, &text, &n) > 0)
        if (is_recording ? recording_time(text, n, ret_s, ret_is_dated)
                         : chronicle_time(text, n, ret_s))
            break;
    if (!*ret_is_dated)
        *ret_s = 0;
    lines_free(lines);
    return 0;
}

/* Lines are taken by whoever the first one is for. */
struct taker {
    struct recording *recording;
    struct chronicle *chronicle;
};

static int open_taker(const struct request_line *line, const char *header, size_t n,
                      struct taker *ret, struct err *err)
{
    const char *path = line->argument;
    double start_s = 0, from_s = -INFINITY, to_s = INFINITY;
    enum program program = PROGRAM_VCPU;
    bool is_dated = true, is_recording = recording_is_one(header, n);
    int r = 0;

    if (!is_recording && !chronicle_is_one(header, n, &program))
        return err_set(err, -EINVAL,
                       "'%s' is neither a recording made by --record nor a file of the "
                       "history",
                       path);
    if (line->from || line->to)
        r = find_start(path, is_recording, &start_s, &is_dated, err);
    if (r == 0)
        r = resolve(line->from, "--from", start_s, is_dated, &from_s, err);
    if (r == 0)
        r = resolve(line->to, "--to", start_s, is_dated, &to_s, err);
    if (r == 0 && from_s >= to_s)
        r = err_set(err, -EINVAL, "--from is not before --to");
    if (r < 0)
        return r;
    if (is_recording)
        return recording_open(path, header, n, from_s, to_s, &ret->recording, err);
    ret->chronicle = chronicle_new(program, from_s, to_s);
    return ret->chronicle ? 0 : err_set(err, -ENOMEM, "out of memory");
}

static bool take(const struct taker *taker, const char *text, size_t n)
{
    if (taker->recording)
        return recording_take(taker->recording, text, n);
    chronicle_take(taker->chronicle, text, n);
    return true;
}

/* What was there before a line that cannot be read is worth a page. */
static void take_rest(struct lines *lines, const struct taker *taker, struct progress *progress,
                      struct run *run)
{
    char *text;
    size_t n;
    int r;

    while ((r = lines_next(lines, &text, &n)) > 0) {
        if (!take(taker, text, n))
            break;
        progress_tell(progress, lines_done(lines), lines_total(lines));
    }
    run->is_cut = r < 0 || (r == 0 && lines_is_cut(lines));
}

int report_from_file(const struct request_line *line, struct progress *progress,
                     struct report_runs *ret, struct err *err)
{
    struct taker taker = {NULL, NULL};
    struct lines *lines;
    struct run *run;
    size_t n;
    char *text;
    int r = lines_open(line->argument, &lines, err);

    if (r < 0)
        return r;
    r = lines_next(lines, &text, &n);
    if (r <= 0)
        r = err_set(err, r < 0 ? r : -EINVAL,
                    r < 0 ? "'%s' cannot be read" : "'%s' is empty: it has not one whole line",
                    line->argument);
    else
        r = open_taker(line, text, n, &taker, err);
    if (r == 0) {
        take_rest(lines, &taker, progress,
                  taker.recording ? recording_run(taker.recording)
                                  : chronicle_run(taker.chronicle));
        run = taker.recording ? recording_close(taker.recording) : chronicle_close(taker.chronicle);
        ret->list[ret->n++] = run;
    }
    lines_free(lines);
    return r;
}
