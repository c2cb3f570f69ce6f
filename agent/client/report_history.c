/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/state_folder.h"
#include "agent/client/ask.h"
#include "agent/client/past.h"
#include "agent/client/report_source.h"
#include "agent/client/when.h"
#include "agent/history/chapter.h"
#include "agent/history/history.h"
#include "agent/page/chronicle.h"
#include "agent/page/lines.h"

enum { HOUR_S = 3600, DAY_S = 86400, MINUTE_S = 60 };

struct wanted {
    const struct request_line *line;
    int64_t from_s, to_s;
    bool is_last_hour; /* of which each interval is known, while the program runs */
    struct progress *progress;
    double before; /* seconds of history that are done */
};

static void tell(const struct wanted *wanted, double t_s)
{
    double length_s = (double)(wanted->to_s - wanted->from_s);
    double here_s = isnan(t_s) ? 0 : fmin(length_s, fmax(0, t_s - (double)wanted->from_s));

    progress_tell(wanted->progress, wanted->before + here_s, 2 * length_s);
}

/* ---- Of a program that runs ---- */

/* What pages are for. */
struct taking {
    const struct wanted *wanted;
    struct chronicle *chronicle;
    double t_s; /* of the last line; NAN: there was none */
    bool tells;
};

static bool take_page(void *arg, const char *text)
{
    struct taking *taking = arg;

    while (*text) {
        size_t n = strcspn(text, "\n");

        taking->t_s = chronicle_take(taking->chronicle, text, n);
        text += n + (text[n] == '\n');
    }
    if (taking->tells)
        tell(taking->wanted, taking->t_s);
    return !(taking->t_s > (double)taking->wanted->to_s);
}

/* The time of the first interval. */
static bool find_interval(void *arg, const char *text)
{
    struct taking *taking = arg;

    while (*text && isnan(taking->t_s)) {
        size_t n = strcspn(text, "\n");

        chronicle_time(text, n, &taking->t_s);
        text += n + (text[n] == '\n');
    }
    return isnan(taking->t_s);
}

/* Figures are those of minutes as long as no interval is known, and then these: of the last hour where that is
 * wanted, as far as the program has run, else of the minute under way. */
static bool ask_figures(struct asking *asking, enum program program, const struct wanted *wanted,
                        struct chronicle *chronicle)
{
    struct taking taking = {wanted, chronicle, NAN, true};
    double intervals_s = INFINITY;

    if (wanted->is_last_hour) {
        if (!past_pages(asking, program, "intervals", wanted->from_s, find_interval, &taking))
            return false;
        if (!isnan(taking.t_s))
            intervals_s = floor(taking.t_s / MINUTE_S) * MINUTE_S;
    }
    if (intervals_s > (double)wanted->from_s) {
        double end_s = fmin((double)wanted->to_s, intervals_s - 1);

        taking.t_s = NAN;
        chronicle_expect(chronicle, (double)wanted->from_s, end_s, MINUTE_S);
        if (!past_pages(asking, program, "minutes", wanted->from_s, take_page, &taking))
            return false;
        if (isinf(intervals_s))
            intervals_s = isnan(taking.t_s) ? (double)wanted->from_s : taking.t_s + MINUTE_S;
    }
    intervals_s = fmax(intervals_s, (double)wanted->from_s);
    chronicle_expect(chronicle, intervals_s, (double)wanted->to_s, 0);
    return past_pages(asking, program, "intervals", (int64_t)intervals_s, take_page, &taking);
}

/* ---- Of files ---- */

static void read_file(const struct wanted *wanted, const char *path, struct chronicle *chronicle)
{
    struct lines *lines;
    struct err ignored = {0};
    char *text;
    size_t n;

    if (lines_open(path, &lines, &ignored) < 0)
        return;
    while (lines_next(lines, &text, &n) > 0)
        tell(wanted, chronicle_take(chronicle, text, n));
    lines_free(lines);
}

/* How many files there are. */
static size_t read_kind(const struct wanted *wanted, const char *folder, int fd,
                        enum program program, const char *kind, struct chronicle *chronicle)
{
    int64_t starts[MAX_CHAPTER_FILES];
    char name[64], file[CHAPTER_NAME_SIZE], path[5000];
    size_t n;

    snprintf(name, sizeof(name), "%s-%s", history_stem(program), kind);
    n = chapter_files(fd, name, starts);
    for (size_t i = 0; i < n; i++) {
        if ((i + 1 < n && starts[i + 1] < wanted->from_s) || starts[i] > wanted->to_s)
            continue;
        chapter_file_name(name, starts[i], file);
        snprintf(path, sizeof(path), "%s/%s", folder, file);
        read_file(wanted, path, chronicle);
    }
    return n;
}

static bool read_folder(const struct wanted *wanted, enum program program,
                        struct chronicle *chronicle)
{
    char folder[4096];
    size_t n;
    int fd;

    if (state_folder_usual(wanted->line->state, folder, sizeof(folder)) < 0)
        return false;
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read_kind(wanted, folder, fd, program, "changes", chronicle);
    n += read_kind(wanted, folder, fd, program, "minutes", chronicle);
    close(fd);
    return n > 0;
}

/* ---- Both ---- */

static bool read_program(struct asking *asking, enum program program, const struct wanted *wanted,
                         struct chronicle *chronicle)
{
    struct taking changes = {wanted, chronicle, NAN, false};

    if (wanted->line->state ||
        !past_pages(asking, program, "changes", wanted->from_s, take_page, &changes))
        return read_folder(wanted, program, chronicle);
    return ask_figures(asking, program, wanted, chronicle);
}

static int resolve(const char *text, const char *option, int64_t now_s, int64_t otherwise_s,
                   int64_t *ret_s, struct err *err)
{
    *ret_s = otherwise_s;
    if (!text || when_parse(text, now_s, ret_s) == 0)
        return 0;
    return err_set(err, -EINVAL, "%s takes a time like 2h, 03:12 or '2026-11-30 03:12': '%.60s'",
                   option, text);
}

static int take_program(struct asking *asking, enum program program, struct wanted *wanted,
                        struct report_runs *ret)
{
    struct chronicle *chronicle =
        chronicle_new(program, (double)wanted->from_s, (double)wanted->to_s);

    if (!chronicle)
        return -ENOMEM;
    if (read_program(asking, program, wanted, chronicle))
        ret->list[ret->n++] = chronicle_close(chronicle);
    else
        run_free(chronicle_close(chronicle));
    wanted->before += (double)(wanted->to_s - wanted->from_s);
    return 0;
}

int report_from_history(const struct request_line *line, int64_t now_s, struct progress *progress,
                        struct report_runs *ret, struct err *err)
{
    struct asking asking = {.line = line};
    struct wanted wanted = {.line = line, .progress = progress};
    int r = resolve(line->to, "--to", now_s, now_s, &wanted.to_s, err);

    if (r == 0)
        r = resolve(line->from, "--from", now_s, wanted.to_s - DAY_S, &wanted.from_s, err);
    if (r < 0)
        return r;
    if (wanted.from_s >= wanted.to_s)
        return err_set(err, -EINVAL, "--from is not before --to");
    wanted.is_last_hour = wanted.from_s > now_s - HOUR_S;
    if (!line->state && sd_bus_open_system(&asking.bus) < 0)
        asking.bus = NULL;
    r = take_program(&asking, PROGRAM_VCPU, &wanted, ret);
    if (r == 0)
        r = take_program(&asking, PROGRAM_MEMORY, &wanted, ret);
    sd_bus_flush_close_unref(asking.bus);
    if (r < 0)
        return err_set(err, r, "out of memory");
    if (ret->n == 0 && asking.said[0])
        return err_set(err, -EACCES, "%.400s", asking.said);
    return ret->n ? 0
                  : err_set(err, -ENOENT,
                            "there is no history: neither program runs, and their "
                            "state folder has none that you may read");
}
