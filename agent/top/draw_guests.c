/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/top/draw_guests.h"

#include <math.h>
#include <stdio.h>

#include "agent/base/text.h"

enum {
    CPU_WIDTH = 7,
    MEMORY_WIDTH = 8,
    AGE_WIDTH = 8,
    MIN_NAME = 10,
    MAX_NAME = DRAW_NAME_COLUMNS
};

static const struct head {
    const char *text;
    int width;
    enum top_sort sort; /* by which it is marked; SORTS: none */
} heads[] = {{"RUNS%", CPU_WIDTH, SORTS},
             {"WAITS%", CPU_WIDTH, SORT_WAITING},
             {"WANTS%", CPU_WIDTH, SORT_DEMAND},
             {"HOLDS", MEMORY_WIDTH, SORTS},
             {"USES", MEMORY_WIDTH, SORTS},
             {"NEEDS", MEMORY_WIDTH, SORTS},
             {"MISSES", MEMORY_WIDTH, SORT_MISSING},
             {"CHANGED", AGE_WIDTH, SORT_CHANGE}};
enum { N_HEADS = sizeof(heads) / sizeof(heads[0]) };

const char *draw_age(int64_t at_s, int64_t now_s, char ret[16])
{
    long long age_s = at_s && now_s > at_s ? now_s - at_s : 0;

    if (!at_s)
        snprintf(ret, 16, "-");
    else if (age_s < 100)
        snprintf(ret, 16, "%llds", age_s);
    else if (age_s < 6000)
        snprintf(ret, 16, "%lldm", age_s / 60);
    else if (age_s < 172800)
        snprintf(ret, 16, "%lldh", age_s / 3600);
    else
        snprintf(ret, 16, "%lldd", age_s / 86400);
    return ret;
}

const char *draw_name(const char *name, char ret[DRAW_NAME_SIZE])
{
    text_column(name, MAX_NAME, 0, ret, DRAW_NAME_SIZE);
    return ret;
}

static int name_columns(const struct canvas *canvas)
{
    int left = canvas->columns - 1;

    for (int i = 0; i < N_HEADS; i++)
        left -= heads[i].width;
    return left < MIN_NAME ? MIN_NAME : left > MAX_NAME ? MAX_NAME : left;
}

static void draw_heads(const struct top_view *view, int row, struct canvas *canvas)
{
    int column = 1 + name_columns(canvas);

    canvas_put(canvas, row, 1, column - 1, view->sort == SORT_NAME ? STYLE_BUSY : STYLE_HEAD,
               "GUEST");
    for (int i = 0; i < N_HEADS; i++) {
        canvas_print(canvas, row, column, heads[i].width,
                     heads[i].sort == view->sort ? STYLE_BUSY : STYLE_HEAD, "%*s", heads[i].width,
                     heads[i].text);
        column += heads[i].width;
    }
}

static void draw_number(struct canvas *canvas, int row, int column, int width, enum style style,
                        double value)
{
    if (isfinite(value))
        canvas_print(canvas, row, column, width, style, "%*.0f", width, value);
    else
        canvas_print(canvas, row, column, width, style, "%*s", width, "-");
}

static void draw_guest(const struct top_guest *guest, bool is_chosen, int64_t now_s, int row,
                       struct canvas *canvas)
{
    const double misses = top_guest_misses(guest);
    const double values[] = {guest->runs, guest->waits, guest->wants, guest->size,
                             guest->used, guest->floor, misses};
    int width = name_columns(canvas), column = 1 + width;
    bool suffers = top_guest_trouble(guest) > 0;
    char name[DRAW_NAME_SIZE], age[16];
    bool is_paused = top_guest_is_paused(guest);

    text_column(guest->name, (size_t)width - 1, 0, name, sizeof(name));
    canvas_put(canvas, row, 0, 1, STYLE_BAD, suffers ? "!" : " ");
    canvas_put(canvas, row, 1, width - 1, suffers ? STYLE_BAD : STYLE_PLAIN, name);
    for (int i = 0; i < N_HEADS - 1; i++) {
        bool is_bad = suffers && ((i == 1 && guest->waits >= 5) || (i == 6 && misses > 0));

        draw_number(canvas, row, column, heads[i].width, is_bad ? STYLE_BAD : STYLE_PLAIN,
                    values[i]);
        column += heads[i].width;
    }
    canvas_print(canvas, row, column, AGE_WIDTH, is_paused ? STYLE_BUSY : STYLE_FAINT, "%*s",
                 AGE_WIDTH, is_paused ? "paused" : draw_age(guest->changed_s, now_s, age));
    if (is_chosen)
        canvas_style(canvas, row, STYLE_CHOSEN);
}

void draw_guests(const struct top_model *model, struct top_view *view, const size_t *rows, size_t n,
                 int64_t now_s, int row, int end, struct canvas *canvas)
{
    size_t room = end - row > 1 ? (size_t)(end - row - 1) : 0, chosen;

    view->page = room ? room : 1;
    if (end <= row)
        return;
    draw_heads(view, row, canvas);
    if (!rows || n == 0) {
        canvas_put(canvas, row + 1, 1, end - row > 1 ? canvas->columns : 0, STYLE_FAINT,
                   model->n_guests ? "no guest has that in its name" : "no guests");
        return;
    }
    chosen = view_chosen(model, view, rows, n);
    if (view->first + room > n)
        view->first = n > room ? n - room : 0;
    if (chosen < view->first)
        view->first = chosen;
    if (room && chosen >= view->first + room)
        view->first = chosen + 1 - room;
    for (size_t i = 0; i < room && view->first + i < n; i++)
        draw_guest(&model->guests[rows[view->first + i]], view->first + i == chosen, now_s,
                   row + 1 + (int)i, canvas);
}
