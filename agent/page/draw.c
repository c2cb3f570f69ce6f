/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/page/html.h"

/* Percent of a pCPU, or of what a guest holds. From 90 on it is nearly full, from 97 on whoever wants it waits. */
static const double load_limits[] = {5, 15, 30, 45, 60, 75, 90, 97};
static const char *const load_words[] = {"5 %", "15", "30", "45", "60", "75", "90", "97 and more"};
const struct scale scale_load = {"l", load_limits, 8, load_words};
/* Percent of the time that was wanted. */
static const double waiting_limits[] = {2, 5, 10, 20, 40};
static const char *const waiting_words[] = {"2 %", "5", "10", "20", "40 and more"};
const struct scale scale_waiting = {"w", waiting_limits, 5, waiting_words};
/* Percent of the intervals of a column. */
static const double verdict_limits[] = {0.001, 25, 50, 75};
static const char *const verdict_words[] = {"a few", "25 %", "50", "75 and more"};
const struct scale scale_verdict = {"v", verdict_limits, 4, verdict_words};

enum { MAX_GAP = 3 }; /* columns without a value over which a line is drawn on */
enum { SMALL_COLUMNS = 120, MAX_SMALL_CURVES = 4 };
enum { MAX_SAID = 5 }; /* changes in the words of one mark */

const char *draw_time(const struct run *run, double t_s, char *ret, size_t size)
{
    double length_s = run->last_s - run->first_s;
    long long s = (long long)fmin(fmax(t_s, -1e15), 1e15);
    time_t at = (time_t)s;
    struct tm parts;

    if (!run->is_dated)
        snprintf(ret, size, "%lld:%02lld:%02lld", s / 3600, llabs(s) / 60 % 60, llabs(s) % 60);
    else if (!localtime_r(&at, &parts) || strftime(ret, size,
                                                   length_s > 86400  ? "%m-%d %H:%M"
                                                   : length_s > 7200 ? "%H:%M"
                                                                     : "%H:%M:%S",
                                                   &parts) == 0)
        snprintf(ret, size, "?");
    return ret;
}

/* ---- Strips ---- */

static size_t class_of(const struct scale *scale, double value)
{
    size_t class = 0;

    while (class < scale->n && value >= scale->limits[class])
        class ++;
    return class;
}

/* How many columns a value lasts: over those behind it that nothing is known of, unless they are many. */
static size_t lasts(const struct run *run, const double *values, size_t at)
{
    size_t next = at + 1;

    while (next < run->columns.n && next <= at + MAX_GAP && isnan(values[next]))
        next++;
    return next < run->columns.n && next > at + MAX_GAP ? 1 : next - at;
}

/* Neighbours of one class are one piece, and all pieces of a class one path. */
static void draw_class(FILE *out, const struct run *run, const struct scale *scale,
                       const double *values, size_t class)
{
    bool is_open = false;

    for (size_t i = 0; i < run->columns.n;) {
        size_t end = i;

        while (end < run->columns.n && !isnan(values[end]) && class_of(scale, values[end]) == class)
            end += lasts(run, values, end);
        if (end > i) {
            if (!is_open)
                fprintf(out, "<path class=\"%s%zu\" d=\"", scale->letter, class);
            is_open = true;
            fprintf(out, "M%zu 0h%zuv10h-%zuz", i, end - i, end - i);
        }
        i = end > i ? end : i + 1;
    }
    if (is_open)
        fputs("\"/>", out);
}

static void say_change(FILE *out, const struct run *run, const struct run_change *change)
{
    char at[40];

    fprintf(out, "%s ", draw_time(run, change->t_s, at, sizeof(at)));
    html_text(out, run->guests[change->guest].name);
    fputs(": ", out);
    if (change->failed)
        fputs("failed: ", out);
    else if (change->would_be)
        fputs("would be: ", out);
    html_text(out, change->what);
    fputs(". ", out);
    html_text(out, change->reason);
}

/* All of one column are one mark. */
static void draw_marks(FILE *out, const struct run *run, const struct strip *strip)
{
    for (size_t i = 0, end; i < strip->n_marks; i = end) {
        const struct mark *mark = &strip->marks[i];
        const struct run_change *change = mark->change;

        for (end = i; end < strip->n_marks && strip->marks[end].column == mark->column;)
            end++;
        fprintf(out, "<path class=\"mark%s\" d=\"M%zu.5 0v5\"><title>",
                change->failed     ? " failed"
                : change->would_be ? " would"
                                   : "",
                mark->column);
        for (size_t k = i; k < end && k < i + MAX_SAID; k++) {
            if (k > i)
                fputs("\n", out);
            say_change(out, run, strip->marks[k].change);
        }
        if (end > i + MAX_SAID)
            fprintf(out, "\nand %zu more", end - i - MAX_SAID);
        fputs("</title></path>", out);
    }
}

void draw_strip(FILE *out, const struct run *run, const struct scale *scale,
                const struct strip *strip)
{
    fputs("<div class=\"row\"><span title=\"", out);
    html_text(out, strip->name);
    fputs("\">", out);
    html_text(out, strip->name);
    fprintf(out, "</span><svg viewBox=\"0 0 %zu 10\" preserveAspectRatio=\"none\" role=\"img\">",
            run->columns.n ? run->columns.n : 1);
    for (size_t class = 1; class <= scale->n; class ++)
        draw_class(out, run, scale, strip->values, class);
    draw_marks(out, run, strip);
    fputs("</svg><span>", out);
    html_text(out, strip->figure);
    fputs("</span></div>\n", out);
}

/* A swatch with its word, which stay in one line. */
static void draw_key(FILE *out, const char *class_name, size_t number, const char *more,
                     const char *shape, const char *word)
{
    fprintf(out,
            "<span class=\"say\"><span class=\"key\"><svg viewBox=\"0 0 10 10\" "
            "preserveAspectRatio=\"none\"><path class=\"%s%zu%s\" d=\"%s\"/></svg></span>",
            class_name, number, more, shape);
    html_text(out, word);
    fputs("</span> ", out);
}

void draw_legend(FILE *out, const struct scale *scale)
{
    for (size_t class = 1; class <= scale->n; class ++)
        draw_key(out, scale->letter, class, "", "M0 0h10v10h-10z", scale->words[class - 1]);
}

void draw_times(FILE *out, const struct run *run, const char *class_name)
{
    double end_s = run->columns.start_s + (double)run->columns.n * run->columns.width_s;
    char at[40];

    fprintf(out, "<div class=\"%s\"><span></span><div class=\"x\">", class_name);
    for (int i = 0; i <= 4; i++)
        fprintf(out, "<span>%s</span>",
                draw_time(run, run->columns.start_s + (end_s - run->columns.start_s) * i / 4, at,
                          sizeof(at)));
    fputs("</div><span></span></div>\n", out);
}

/* ---- Curves ---- */

/* The next number that people like, not below value: 1, 2, 2.5 or 5 times a power of ten. */
static double round_up(double value)
{
    static const double steps[] = {1, 2, 2.5, 5, 10};
    double power = pow(10, floor(log10(value)));

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (steps[i] * power >= value * (1 - 1e-9))
            return steps[i] * power;
    return 10 * power;
}

static double top_of(const struct run *run, const struct curve *curves, size_t n)
{
    double top = 0;

    for (size_t c = 0; c < n; c++) {
        struct cell all = {0};

        if (curves[c].cells)
            all = cells_all(curves[c].cells, run->columns.n);
        if (all.n)
            top = fmax(top, all.max);
    }
    return top > 1e-6 && top < 1e30 ? round_up(top) : 1;
}

static double height(double value, double top)
{
    return fmin(100, fmax(0, 100 - 100 * value / top));
}

/* One piece without a gap from *at on, forward along the means or most, and back along the least. */
static void draw_piece(FILE *out, size_t n, const struct curve *curve, double top, bool is_band,
                       size_t *at)
{
    const struct cell *cells = curve->cells;
    size_t begin = *at, last = begin, i = begin;

    for (; i < n && i <= last + MAX_GAP + 1; i++) {
        if (!cells[i].n)
            continue;
        last = i;
        fprintf(out, "%s%.1f %.1f", i == begin ? "M" : "L", (double)i + 0.5,
                height(is_band ? cells[i].max : cell_mean(&cells[i]), top));
    }
    if (last == begin && !is_band)
        fputs("h.5", out);
    for (size_t k = last + 1; is_band && k-- > begin;)
        if (cells[k].n)
            fprintf(out, "L%.1f %.1f", (double)k + 0.5, height(cells[k].min, top));
    if (is_band)
        fputs("z", out);
    *at = last + 1;
}

static void draw_curve(FILE *out, size_t n, const struct curve *curve, double top, bool is_band)
{
    bool is_open = false;

    for (size_t i = 0; curve->cells && i < n;) {
        if (!curve->cells[i].n) {
            i++;
            continue;
        }
        if (!is_open)
            fprintf(out, "<path class=\"%s c%d%s\" d=\"", is_band ? "band" : "line", curve->colour,
                    curve->is_dashed && !is_band ? " dash" : "");
        is_open = true;
        draw_piece(out, n, curve, top, is_band, &i);
    }
    if (is_open)
        fputs("\"/>", out);
}

static void draw_curves(FILE *out, size_t n, const struct curve *curves, size_t n_curves,
                        double top)
{
    fprintf(out, "<svg viewBox=\"0 0 %zu 100\" preserveAspectRatio=\"none\" role=\"img\">",
            n ? n : 1);
    fprintf(out, "<path class=\"grid\" d=\"M0 50h%zuM0 25h%zuM0 75h%zu\"/>", n, n, n);
    for (size_t c = 0; c < n_curves; c++)
        if (curves[c].has_band)
            draw_curve(out, n, &curves[c], top, true);
    for (size_t c = 0; c < n_curves; c++)
        draw_curve(out, n, &curves[c], top, false);
    fputs("</svg>", out);
}

/* So many columns as one each: a tile is small. */
static void reduce(const struct curve *from, size_t n, size_t step, struct cell *cells,
                   struct curve *ret)
{
    *ret = *from;
    ret->cells = from->cells ? cells : NULL;
    for (size_t i = 0; from->cells && i < n; i++)
        cell_join(&cells[i / step], &from->cells[i]);
}

void draw_small(FILE *out, const struct run *run, const struct curve *curves, size_t n)
{
    struct cell cells[MAX_SMALL_CURVES][SMALL_COLUMNS] = {{{0}}};
    struct curve small[MAX_SMALL_CURVES];
    size_t step = run->columns.n / SMALL_COLUMNS + 1;

    for (size_t c = 0; c < n && c < MAX_SMALL_CURVES; c++)
        reduce(&curves[c], run->columns.n, step, cells[c], &small[c]);
    draw_curves(out, (run->columns.n + step - 1) / step, small,
                n < MAX_SMALL_CURVES ? n : MAX_SMALL_CURVES, top_of(run, curves, n));
}

void draw_chart(FILE *out, const struct run *run, const char *title, const char *unit,
                const struct curve *curves, size_t n)
{
    double top = top_of(run, curves, n);

    fputs("<figure><figcaption>", out);
    html_text(out, title);
    for (size_t c = 0; c < n; c++)
        if (curves[c].cells)
            draw_key(out, "line c", (size_t)curves[c].colour, curves[c].is_dashed ? " dash" : "",
                     "M0 5h10", curves[c].name);
    fprintf(out,
            "</figcaption><div class=\"plot\"><div class=\"y\"><span>%g %s</span><span>%g</span>"
            "<span>0</span></div>",
            top, unit, top / 2);
    draw_curves(out, run->columns.n, curves, n, top);
    fputs("<span></span></div>", out);
    draw_times(out, run, "plot");
    fputs("</figure>\n", out);
}
