/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/top/draw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/top/draw_bins.h"
#include "agent/top/draw_guests.h"

/* Where the parts are: each begins in a row, and the next one is behind it. */
struct layout {
    int sides[TOP_PROGRAMS + 1]; /* the last one is the trouble */
    int bins, guests, pane, keys;
};
enum { MIN_ROWS_FOR_NOTES = 20, LABEL_WIDTH = 7 };

static const char *label_of(int program)
{
    return program == PROGRAM_VCPU ? "vCPUs " : "memory";
}

/* ---- Lines at the top ---- */

static void clock_of(int64_t at_s, char ret[16])
{
    time_t at = (time_t)at_s;
    struct tm parts;

    if (!at_s || !localtime_r(&at, &parts) || strftime(ret, 16, "%H:%M:%S", &parts) == 0)
        snprintf(ret, 16, "-");
}

static void draw_title(const struct top_model *model, const struct top_view *view, int64_t now_s,
                       size_t n_rows, struct canvas *canvas)
{
    char at[16];
    int column;

    clock_of(now_s, at);
    column =
        canvas_print(canvas, 0, 0, canvas->columns, STYLE_BAR, " Evenkeel  %s  %zu guests, by %s",
                     at, model->n_guests, top_sort_text(view->sort));
    if (view->filter[0])
        canvas_print(canvas, 0, column, canvas->columns - column, STYLE_BAR, ", %zu with \"%s\"",
                     n_rows, view->filter);
    canvas_style(canvas, 0, STYLE_BAR);
}

/* What is proven of the plan, in words. */
static void prove(const struct top_side *side, char *ret, size_t size)
{
    if (!isfinite(side->gap) || !isfinite(side->bound))
        snprintf(ret, size, "nothing is proven");
    else if (side->gap < 0.00005)
        snprintf(ret, size, "proven best");
    else
        snprintf(ret, size, "proven within %.1f %% of best", 100 * side->gap);
}

static const char *moves_of(const struct top_side *side, int program, char *text, size_t size)
{
    if (!(side->n_moves > 0))
        return "";
    snprintf(text, size, ", %.0f %s%s", side->n_moves, program == PROGRAM_VCPU ? "moves" : "sizes",
             side->is_dry ? " would change" : "");
    return text;
}

static void draw_figures(const struct top_side *side, int program, char *ret, size_t size)
{
    if (program == PROGRAM_VCPU && isfinite(side->sigma))
        snprintf(ret, size, "; sigma %.1f, least %.1f", side->sigma, side->least);
    else if (program == PROGRAM_MEMORY && isfinite(side->free))
        snprintf(ret, size, "; %.0f MiB free, %.0f reserved, %.0f promised", side->free,
                 side->reserve, side->promised);
    else
        ret[0] = '\0';
}

/* The verdict and its proof, and where there are more rows, the plan's sentence. */
static void draw_side(const struct top_model *model, int program, int row, int end,
                      struct canvas *canvas)
{
    const struct top_side *side = &model->sides[program];
    char proof[60], figures[100], moves[40];
    int column = canvas_print(canvas, row, 0, 8, STYLE_HEAD, "%s", label_of(program)) + 1;
    int width = canvas->columns - LABEL_WIDTH;

    if (side->presence == TOP_UNASKED) {
        canvas_put(canvas, row, column, width, STYLE_FAINT, "is asked ...");
    } else if (side->presence == TOP_ABSENT) {
        canvas_put(canvas, row, column, width, STYLE_FAINT, side->said);
    } else if (!side->is_interval) {
        canvas_print(canvas, row, column, width, STYLE_BUSY, "%s: %s", side->verdict, side->note);
    } else {
        prove(side, proof, sizeof(proof));
        draw_figures(side, program, figures, sizeof(figures));
        column = canvas_print(canvas, row, column, width, side->is_paused ? STYLE_BUSY : STYLE_HEAD,
                              "%s%s%s", side->is_paused ? "PAUSED, " : "", side->verdict,
                              moves_of(side, program, moves, sizeof(moves)));
        canvas_print(canvas, row, column, canvas->columns - column, STYLE_PLAIN, "; %s%s", proof,
                     figures);
        canvas_fold(canvas, row + 1, end, LABEL_WIDTH, width, STYLE_PLAIN, side->note);
    }
}

/* Who is worst off, in a sentence. */
static void draw_trouble(const struct top_model *model, int row, struct canvas *canvas)
{
    const struct top_guest *worst = NULL;
    double most = 0, misses;
    char name[DRAW_NAME_SIZE];
    size_t n = 0;
    int column;

    for (size_t i = 0; i < model->n_guests; i++) {
        double trouble = top_guest_trouble(&model->guests[i]);

        n += trouble > 0;
        if (trouble > most) {
            most = trouble;
            worst = &model->guests[i];
        }
    }
    if (!worst) {
        if (model->n_guests)
            canvas_put(canvas, row, 0, canvas->columns, STYLE_GOOD,
                       "no guest waits long for a pCPU or misses memory");
        return;
    }
    misses = top_guest_misses(worst);
    column = canvas_print(canvas, row, 0, canvas->columns, STYLE_BAD, "worst off: %s",
                          draw_name(worst->name, name));
    if (worst->waits >= 5)
        column = canvas_print(canvas, row, column, canvas->columns - column, STYLE_BAD,
                              " waits %.0f %% of the time for a pCPU", worst->waits);
    if (misses > 0)
        column = canvas_print(canvas, row, column, canvas->columns - column, STYLE_BAD,
                              "%s misses %.0f of %.0f MiB", worst->waits >= 5 ? "," : "", misses,
                              worst->floor);
    canvas_print(canvas, row, column, canvas->columns - column, STYLE_PLAIN,
                 n > 1 ? " (%zu more suffer); w: why" : "; w: why", n - 1);
}

/* ---- Lines at the bottom ---- */

static void draw_changes(const struct top_model *model, int row, int end, struct canvas *canvas)
{
    int rows = end - row - 1;

    canvas_put(canvas, row, 0, canvas->columns, STYLE_HEAD,
               model->n_changes ? "Last changes" : "No changes are known");
    for (int i = 0; i < rows && (size_t)i < model->n_changes; i++) {
        const struct top_change *change = &model->changes[model->n_changes - 1 - (size_t)i];
        char at[16], name[DRAW_NAME_SIZE];
        int column;

        clock_of(change->at_s, at);
        column = canvas_print(canvas, row + 1 + i, 0, canvas->columns, STYLE_FAINT, "%s ", at);
        column = canvas_put(canvas, row + 1 + i, column, canvas->columns - column, STYLE_HEAD,
                            draw_name(change->guest, name));
        canvas_put(canvas, row + 1 + i, column + 1, canvas->columns - column - 1, STYLE_PLAIN,
                   change->text);
    }
}

static void draw_why(const struct top_model *model, const struct top_guest *guest, int row, int end,
                     struct canvas *canvas)
{
    char name[DRAW_NAME_SIZE];
    bool is_known = false;

    canvas_print(canvas, row++, 0, canvas->columns, STYLE_HEAD, "Why %s is where it is",
                 guest ? draw_name(guest->name, name) : "no guest");
    for (int p = 0; p < TOP_PROGRAMS; p++) {
        bool is_of = guest && model->why[p] && strcmp(model->why_of[p], guest->true_name) == 0;
        char *text = is_of ? strdup(model->why[p]) : NULL, *rest = text, *line;

        is_known |= is_of;
        while (rest && row < end && (line = strtok_r(rest, "\n", &rest)) != NULL) {
            canvas_put(canvas, row, 0, LABEL_WIDTH, STYLE_FAINT, label_of(p));
            row = canvas_fold(canvas, row, end, LABEL_WIDTH, canvas->columns - LABEL_WIDTH,
                              STYLE_PLAIN, line);
        }
        free(text);
    }
    if (!is_known && row < end)
        canvas_put(canvas, row, 0, canvas->columns, STYLE_FAINT, "is asked ...");
}

static void draw_help(int row, int end, struct canvas *canvas)
{
    static const char *const lines[] = {
        "Keys",
        "  up, down, page up, page down, home, end   choose a guest",
        "  w, enter   why the chosen guest is where it is, and what would change that",
        "  s          sort: trouble, waiting, demand, missing, change, name",
        "  /          only guests whose names have what is typed; escape: all",
        "  p          pause the chosen guest, or end its pause; P: of everything",
        "  q          quit",
        "Columns",
        "  RUNS, WAITS, WANTS  % of one pCPU: what its vCPUs ran, stood in line for",
        "             one, and would use if they never waited",
        "  HOLDS, USES, NEEDS, MISSES  MiB: its size, what is in use, what it is",
        "             guaranteed, and what of that it has not",
        "  CHANGED    since when something was last changed",
        "Bars",
        "  # of guests, o of other programs, | the fair share; beside it what is busy",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]) && row < end; i++)
        canvas_put(canvas, row++, 0, canvas->columns, lines[i][0] == ' ' ? STYLE_PLAIN : STYLE_HEAD,
                   lines[i]);
}

static void draw_keys(const struct top_view *view, int row, struct canvas *canvas)
{
    char text[TOP_TEXT_SIZE + 40];

    if (view->mode == MODE_FILTER)
        snprintf(text, sizeof(text), " names with: %s_   (enter: done, escape: all)", view->filter);
    else if (view->mode == MODE_SURE)
        snprintf(text, sizeof(text), " %s %s? y: yes, any other key: no",
                 view->ends_pause ? "end the pause of" : "pause",
                 view->guest[0] ? view->guest : "everything");
    else if (view->said[0])
        snprintf(text, sizeof(text), " %s", view->said);
    else
        snprintf(text, sizeof(text), " q quit  w why  s sort  / filter  p pause  ? help");
    canvas_put(canvas, row, 0, canvas->columns, STYLE_BAR, text);
    canvas_style(canvas, row, STYLE_BAR);
}

/* ---- All ---- */

/* Guests get what is left; in the end they and the keys are all that there is. */
static struct layout lay_out(const struct top_model *model, const struct top_view *view,
                             const struct canvas *canvas)
{
    struct layout layout = {.keys = canvas->rows - 1};
    int bins = draw_bins_rows(model, canvas->columns), left, pane, row = 1;

    for (int p = 0; p < TOP_PROGRAMS; p++) {
        layout.sides[p] = row++;
        row += canvas->rows >= MIN_ROWS_FOR_NOTES && model->sides[p].note[0] &&
               model->sides[p].is_interval;
    }
    layout.sides[TOP_PROGRAMS] = row++;
    layout.bins = row;
    left = canvas->rows - row - 2; /* the guests' heads, keys */
    bins = bins > left / 3 ? left / 3 : bins;
    bins = bins < 2 ? 0 : bins;
    pane = view->pane == PANE_CHANGES ? left / 4 : left / 2;
    pane = pane < 3 ? 0 : pane > 16 ? 16 : pane;
    layout.guests = layout.bins + bins;
    layout.pane = layout.keys - pane;
    return layout;
}

void draw_screen(const struct top_model *model, struct top_view *view, int64_t now_s,
                 struct canvas *canvas)
{
    struct layout layout = lay_out(model, view, canvas);
    size_t n, *rows = view_rows(model, view, &n);
    const struct top_guest *chosen =
        rows && n ? &model->guests[rows[view_chosen(model, view, rows, n)]] : NULL;

    draw_title(model, view, now_s, n, canvas);
    for (int p = 0; p < TOP_PROGRAMS; p++)
        draw_side(model, p, layout.sides[p], layout.sides[p + 1], canvas);
    draw_trouble(model, layout.sides[TOP_PROGRAMS], canvas);
    if (view->pane == PANE_HELP) {
        draw_help(layout.bins, layout.keys, canvas);
    } else {
        draw_bins(model, layout.bins, layout.guests, canvas);
        draw_guests(model, view, rows, n, now_s, layout.guests, layout.pane, canvas);
        if (layout.pane < layout.keys && view->pane == PANE_WHY)
            draw_why(model, chosen, layout.pane, layout.keys, canvas);
        else if (layout.pane < layout.keys)
            draw_changes(model, layout.pane, layout.keys, canvas);
    }
    draw_keys(view, layout.keys, canvas);
    free(rows);
}

int draw_rows(const struct top_model *model, int columns)
{
    int bins = draw_bins_rows(model, columns), guests = (int)model->n_guests;

    /* A third and a quarter of what is left are for the bins and the changes. */
    return 8 + (3 * bins > 3 * (guests + bins) / 2 ? 3 * bins + 1 : 3 * (guests + bins) / 2 + 8);
}
