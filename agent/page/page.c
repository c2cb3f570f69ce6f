/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/page.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include "agent/page/draw.h"
#include "agent/page/html.h"
#include "agent/page/parts.h"

enum { MAX_WHO = 3, MAX_NAMED = 12 /* others, by name alone */ };

/* ---- What it was ---- */

static void write_fact(FILE *out, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void write_fact(FILE *out, const char *name, const char *format, ...)
{
    char text[120];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    fprintf(out, "<div><dt>%s</dt><dd>", name);
    html_text(out, text);
    fputs("</dd></div>", out);
}

static void span_text(double s, char ret[60])
{
    if (s < 120)
        snprintf(ret, 60, "%.0f s", s);
    else if (s < 7200)
        snprintf(ret, 60, "%.0f min", s / 60);
    else
        snprintf(ret, 60, "%.1f h", s / 3600);
}

static void write_means(FILE *out, const struct run *run)
{
    static const char *const names[2][RUN_SERIES] = {
        {"sigma", "least possible", "vCPUs waited"},
        {"free on the host", "its reserve", "promised", "missing"}};
    const char *const *of = names[run->program == PROGRAM_MEMORY];
    const char *unit = run->program == PROGRAM_MEMORY ? "MiB" : "%";

    for (int s = 0; s < RUN_SERIES; s++) {
        struct cell all = cells_all(run->host[s], run->columns.n);

        if (of[s] && all.n)
            write_fact(out, of[s], "%.*f %s", run->program == PROGRAM_MEMORY ? 0 : 1,
                       cell_mean(&all), unit);
    }
}

/* When it was, with the zone of whoever makes the page. */
static void write_dates(FILE *out, const struct run *run)
{
    const double ends_s[] = {run->first_s, run->last_s};

    if (!run->is_dated || run->columns.n == 0)
        return;
    for (int i = 0; i < 2; i++) {
        time_t at = (time_t)ends_s[i];
        struct tm parts;
        char text[80];

        if (!localtime_r(&at, &parts) ||
            strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %Z", &parts) == 0)
            return;
        fputs(i ? " to " : "<p>", out);
        html_text(out, text);
    }
    fputs("</p>\n", out);
}

static void write_facts(FILE *out, const struct run *run)
{
    char span[60];

    span_text(run->last_s - run->first_s, span);
    write_dates(out, run);
    fputs("<dl>", out);
    write_fact(out, "time", "%s", span);
    write_fact(out, "intervals", "%zu", run->n_intervals);
    write_fact(out, "guests", "%zu", run->n_guests);
    if (run->program == PROGRAM_VCPU)
        write_fact(out, "pCPUs or sets", "%zu", run->n_bins);
    write_fact(out, "changes", "%" PRIu64, run->all_changes);
    write_means(out, run);
    fputs("</dl>\n", out);
    if (run->is_cut)
        fputs("<p>What it is made from was cut off at the end.</p>\n", out);
    if (run->n_damaged)
        fprintf(out, "<p>%" PRIu64 " lines could not be read and are left out.</p>\n",
                run->n_damaged);
    if (run->has_more_guests)
        fprintf(out, "<p>There were more than %d guests; the others are left out.</p>\n",
                RUN_MAX_GUESTS);
    if (run->has_more_bins)
        fprintf(out, "<p>There were more than %d bins; the others are left out.</p>\n",
                RUN_MAX_BINS);
    if (run->no_memory)
        fputs("<p>Memory did not suffice; something is left out.</p>\n", out);
}

/* ---- Who ---- */

static void write_sufferer(FILE *out, const struct run *run, const struct sufferer *who)
{
    double width_s = run->columns.width_s, start_s = run->columns.start_s;
    char begin[40], end[40], text[WHO_TEXT_SIZE];

    fprintf(out, "<li%s><b>",
            who->worst >= (run->program == PROGRAM_MEMORY ? 64 : 20) ? "" : " class=\"little\"");
    html_text(out, run->guests[who->guest].name);
    draw_time(run, start_s + (double)who->begin * width_s, begin, sizeof(begin));
    draw_time(run, fmin(run->last_s, start_s + (double)(who->end + 1) * width_s), end, sizeof(end));
    if (run->program == PROGRAM_VCPU)
        fprintf(
            out,
            "</b> waited for pCPUs %.0f %% of the time that it wanted, from %s to %s; in all the "
            "time shown %.1f %%.<br/><b>Why:</b> ",
            who->worst, begin, end, who->whole);
    else
        fprintf(out,
                "</b> needed %.0f MiB more than it held, from %s to %s; in all the time shown %.0f "
                "MiB on average.<br/><b>Why:</b> ",
                who->worst, begin, end, who->whole);
    who_why(run, who, text);
    html_text(out, text);
    fputs("<br/><b>What was done:</b> ", out);
    who_done(run, who, text);
    html_text(out, text);
    fputs("</li>\n", out);
}

static void write_who(FILE *out, const struct run *run, const struct sufferer *who, size_t n)
{
    fputs("<h3>Who went without</h3>\n", out);
    if (n == 0 && run->n_guests > 0 && !who_is_known(run)) {
        fputs("<p>That is not known.</p>\n", out);
        return;
    }
    if (n == 0) {
        fprintf(out, "<p class=\"well\">%s</p>\n",
                run->n_guests == 0 ? "No guest was seen."
                : run->program == PROGRAM_VCPU
                    ? "No guest that is known to have waited for pCPUs waited long."
                    : "No guest is known to have needed more memory than it held.");
        return;
    }
    fputs("<ol class=\"who\">\n", out);
    for (size_t i = 0; i < n && i < MAX_WHO; i++)
        write_sufferer(out, run, &who[i]);
    fputs("</ol>\n", out);
    if (n <= MAX_WHO)
        return;
    fprintf(out, "<p>And %zu more:", n - MAX_WHO);
    for (size_t i = MAX_WHO; i < n && i < MAX_WHO + MAX_NAMED; i++) {
        fputs(i > MAX_WHO ? ", " : " ", out);
        html_text(out, run->guests[who[i].guest].name);
    }
    fputs(n > MAX_WHO + MAX_NAMED ? ", ...</p>\n" : "</p>\n", out);
}

static void write_run(FILE *out, const struct run *run)
{
    size_t n;
    struct sufferer *guests = who_suffered(run, &n);

    fprintf(out, "<h2>%s</h2>\n", program_name(run->program));
    if (run->columns.n == 0)
        fputs("<p>There is no interval in it.</p>\n", out);
    write_facts(out, run);
    if (guests && run->columns.n > 0) {
        write_who(out, run, guests, n);
        if (run->program == PROGRAM_VCPU)
            parts_cpu_charts(out, run);
        else
            parts_memory_charts(out, run, guests);
        parts_guests(out, run, guests);
        parts_verdicts(out, run);
        parts_guest_table(out, run, guests);
    }
    parts_change_table(out, run);
    free(guests);
}

int page_write(FILE *out, const char *title, const struct run *const *runs, size_t n_runs)
{
    html_begin(out, title);
    fputs("<h1>", out);
    html_text(out, title);
    fputs("</h1>\n", out);
    for (size_t i = 0; i < n_runs; i++)
        write_run(out, runs[i]);
    html_end(out);
    return ferror(out) ? -EIO : 0;
}
