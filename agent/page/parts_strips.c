/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/page/draw.h"
#include "agent/page/html.h"
#include "agent/page/parts.h"
#include "planner/base/cpuset.h"

enum { MAX_GUEST_STRIPS = 40, MAX_BIN_STRIPS = 64 };

/* ---- Marks ---- */

static int compare_marks(const void *a, const void *b)
{
    const struct mark *x = a, *y = b;

    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->change->t_s < y->change->t_s ? -1 : x->change->t_s > y->change->t_s;
}

/* All changes that have a row, of bins or of guests, in the order of rows and columns; malloc'ed. NULL and
 * 0: none, or no memory. */
static struct mark *make_marks(const struct run *run, bool of_bins, size_t *ret_n)
{
    struct mark *marks = calloc(run->n_changes + 1, sizeof(*marks));
    size_t n = 0;

    for (size_t i = 0; marks && i < run->n_changes; i++) {
        const struct run_change *change = run_change_at(run, i);
        double column = (change->t_s - run->columns.start_s) / run->columns.width_s;

        if ((of_bins && change->bin < 0) || !(column >= 0) || column >= (double)run->columns.n)
            continue;
        marks[n++] =
            (struct mark){of_bins ? (size_t)change->bin : change->guest, (size_t)column, change};
    }
    if (n)
        qsort(marks, n, sizeof(*marks), compare_marks);
    *ret_n = n;
    return marks;
}

static void take_row(const struct mark *marks, size_t n, size_t row, struct strip *strip)
{
    size_t low = 0, high = n, end;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (marks[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < n && marks[end].row == row;)
        end++;
    strip->marks = marks + low;
    strip->n_marks = end - low;
}

/* ---- Strips ---- */

static double mean_of(const struct cell *cells, size_t n)
{
    struct cell all = cells ? cells_all(cells, n) : (struct cell){0};

    return cell_mean(&all);
}

/* Those with the largest values, in their own order; at most max of n. */
struct rank {
    size_t place;
    double value;
};

static int compare_ranks(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;

    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* Narrow sets first, then by the first pCPU. */
static int compare_bins(const struct run *run, size_t a, size_t b)
{
    struct cpuset x = {{0}}, y = {{0}};
    unsigned n, m;

    if (cpuset_parse(run->bins[a].name, &x) < 0 || cpuset_parse(run->bins[b].name, &y) < 0)
        return strcmp(run->bins[a].name, run->bins[b].name);
    n = (unsigned)cpuset_count(&x);
    m = (unsigned)cpuset_count(&y);
    if (n == m) {
        n = cpuset_next(&x, 0);
        m = cpuset_next(&y, 0);
    }
    return n < m ? -1 : n > m;
}

/* Whether all bins are single pCPUs. */
static bool has_no_sets(const struct run *run)
{
    for (size_t b = 0; b < run->n_bins; b++)
        if (strspn(run->bins[b].name, "0123456789") != strlen(run->bins[b].name))
            return false;
    return true;
}

static void sort_bins(const struct run *run, struct rank *ranks, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && compare_bins(run, ranks[k - 1].place, ranks[k].place) > 0;
             k--) {
            struct rank moved = ranks[k];

            ranks[k] = ranks[k - 1];
            ranks[k - 1] = moved;
        }
}

static void write_bin(FILE *out, const struct run *run, size_t bin, const struct mark *marks,
                      size_t n_marks)
{
    const struct cell *load = run->bins[bin].values[RUN_LOAD];
    double values[MAX_COLUMNS], mean = mean_of(load, run->columns.n);
    char figure[20] = "";
    struct strip strip = {run->bins[bin].name, figure, values, NULL, 0};

    for (size_t c = 0; c < run->columns.n; c++)
        values[c] = load ? cell_mean(&load[c]) : NAN;
    if (!isnan(mean))
        snprintf(figure, sizeof(figure), "%.0f %%", mean);
    take_row(marks, n_marks, bin, &strip);
    draw_strip(out, run, &scale_load, &strip);
}

void parts_bins(FILE *out, const struct run *run)
{
    struct rank *ranks = calloc(run->n_bins + 1, sizeof(*ranks));
    size_t n_marks = 0, n = run->n_bins < MAX_BIN_STRIPS ? run->n_bins : MAX_BIN_STRIPS;
    struct mark *marks = make_marks(run, true, &n_marks);

    for (size_t b = 0; ranks && b < run->n_bins; b++)
        ranks[b] =
            (struct rank){b, fmax(-1, mean_of(run->bins[b].values[RUN_LOAD], run->columns.n))};
    if (ranks && marks && run->n_bins > 0) {
        fputs(has_no_sets(run) ? "<h3>Load of each pCPU</h3>"
                               : "<h3>Load of each set of pCPUs</h3>",
              out);
        fputs("\n<p class=\"dim\">How busy it was, guests and all. Ticks: a vCPU was moved there; "
              "rest the pointer on one to read why, or look at the table "
              "below.</p>\n<p class=\"dim\">",
              out);
        draw_legend(out, &scale_load);
        fputs("</p>\n<div class=\"few\">\n", out);
        if (run->n_bins > MAX_BIN_STRIPS)
            qsort(ranks, run->n_bins, sizeof(*ranks), compare_ranks);
        sort_bins(run, ranks, n);
        for (size_t i = 0; i < n; i++)
            write_bin(out, run, ranks[i].place, marks, n_marks);
        draw_times(out, run, "row");
        fputs("</div>\n", out);
        if (run->n_bins > n)
            fprintf(out, "<p class=\"dim\">The fullest %zu of %zu.</p>\n", n, run->n_bins);
    }
    free(ranks);
    free(marks);
}

static void write_guest_strip(FILE *out, const struct run *run, size_t guest,
                              const struct mark *marks, size_t n_marks)
{
    const struct run_guest *of = &run->guests[guest];
    bool is_memory = run->program == PROGRAM_MEMORY;
    double values[MAX_COLUMNS], sum = 0;
    char figure[30] = "";
    struct strip strip = {of->name, figure, values, NULL, 0};
    size_t n = 0;

    for (size_t c = 0; c < run->columns.n; c++) {
        values[c] =
            is_memory && of->values[RUN_SIZE] && of->values[RUN_IN_USE]
                ? 100 * cell_mean(&of->values[RUN_IN_USE][c]) / cell_mean(&of->values[RUN_SIZE][c])
            : is_memory ? NAN
                        : who_lost(run, guest, c);
        if (isnan(values[c]))
            continue;
        sum += values[c];
        n++;
    }
    if (n)
        snprintf(figure, sizeof(figure), "%.0f %%", sum / (double)n);
    take_row(marks, n_marks, guest, &strip);
    draw_strip(out, run, is_memory ? &scale_load : &scale_waiting, &strip);
}

void parts_guests(FILE *out, const struct run *run, const struct sufferer *guests)
{
    size_t n_marks = 0, n = run->n_guests < MAX_GUEST_STRIPS ? run->n_guests : MAX_GUEST_STRIPS;
    struct mark *marks = make_marks(run, false, &n_marks);
    bool is_memory = run->program == PROGRAM_MEMORY;

    if (marks && n > 0 && who_is_known(run)) {
        fprintf(
            out,
            "<h3>%s</h3>\n<p class=\"dim\">%s Ticks: it was changed. Who went without most stands "
            "first.</p>\n<p class=\"dim\">",
            is_memory ? "How full each guest was" : "How long each guest waited",
            is_memory ? "What it used of what it held." : "Of the time that it wanted.");
        draw_legend(out, is_memory ? &scale_load : &scale_waiting);
        fputs("</p>\n", out);
        for (size_t i = 0; i < n; i++)
            write_guest_strip(out, run, guests[i].guest, marks, n_marks);
        draw_times(out, run, "row");
        if (run->n_guests > n)
            fprintf(out, "<p class=\"dim\">%zu of %zu guests; all are in the table.</p>\n", n,
                    run->n_guests);
    }
    free(marks);
}

void parts_verdicts(FILE *out, const struct run *run)
{
    if (run->n_verdicts == 0)
        return;
    fprintf(
        out,
        "<h3>What was decided</h3>\n<p class=\"dim\">Part of the intervals with that verdict.%s",
        run->is_of_minutes ? " Of a minute the last one is known, and counts for all of it." : "");
    draw_legend(out, &scale_verdict);
    fputs("</p>\n", out);
    for (size_t v = 0; v < run->n_verdicts; v++) {
        double values[MAX_COLUMNS], all = 0;
        char figure[20];
        struct strip strip = {run->verdicts[v].name, figure, values, NULL, 0};

        for (size_t c = 0; c < run->columns.n; c++) {
            unsigned n = 0;

            for (size_t k = 0; k < run->n_verdicts; k++)
                n += run->verdicts[k].n[c];
            values[c] = n ? 100.0 * run->verdicts[v].n[c] / n : NAN;
            all += run->verdicts[v].n[c];
        }
        snprintf(figure, sizeof(figure), "%.0f %%",
                 run->n_intervals ? 100 * all / (double)run->n_intervals : 0);
        draw_strip(out, run, &scale_verdict, &strip);
    }
    draw_times(out, run, "row");
}
