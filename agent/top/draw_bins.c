/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/top/draw_bins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BAR_WIDTH = 20, GAP = 3, MAX_NAME_WIDTH = 14 };
static const double busy_points = 10; /* above its fair share */

static int name_width(const struct top_model *model)
{
    int width = 2;

    for (size_t i = 0; i < model->n_bins; i++) {
        int n = (int)strlen(model->bins[i].name);

        width = n > width ? n : width;
    }
    return width < MAX_NAME_WIDTH ? width : MAX_NAME_WIDTH;
}

/* Name, bar with its ends, load. */
static int cell_width(const struct top_model *model)
{
    return name_width(model) + 1 + BAR_WIDTH + 2 + 6;
}

static int per_row(const struct top_model *model, int columns)
{
    int n = (columns + GAP) / (cell_width(model) + GAP);

    return n < 1 ? 1 : n;
}

int draw_bins_rows(const struct top_model *model, int columns)
{
    int n = per_row(model, columns);

    return model->n_bins ? 1 + ((int)model->n_bins + n - 1) / n : 0;
}

static void draw_bin(const struct top_model *model, const struct top_bin *bin, int row, int column,
                     struct canvas *canvas)
{
    int width = name_width(model);
    enum style style = bin->load > bin->fair + busy_points ? STYLE_BUSY : STYLE_GOOD;

    canvas_print(canvas, row, column, width, STYLE_PLAIN, "%*s", width, bin->name);
    column += width + 1;
    canvas_put(canvas, row, column++, 1, STYLE_FAINT, "[");
    for (int i = 0; i < BAR_WIDTH; i++) {
        double middle = (i + 0.5) * 100 / BAR_WIDTH;
        int fair = (int)(bin->fair * BAR_WIDTH / 100);

        if (i == (fair < BAR_WIDTH ? fair : BAR_WIDTH - 1))
            canvas_put(canvas, row, column + i, 1, STYLE_HEAD, "|");
        else if (middle <= bin->background)
            canvas_put(canvas, row, column + i, 1, STYLE_FAINT, "o");
        else if (middle <= bin->load)
            canvas_put(canvas, row, column + i, 1, style, "#");
    }
    column += BAR_WIDTH;
    canvas_put(canvas, row, column++, 1, STYLE_FAINT, "]");
    canvas_print(canvas, row, column, 6, style == STYLE_BUSY ? STYLE_BUSY : STYLE_PLAIN, "%4.0f %%",
                 bin->load);
}

struct distance {
    size_t bin;
    double points;
};

static int further(const void *a, const void *b)
{
    const struct distance *left = a, *right = b;

    if (left->points != right->points)
        return left->points > right->points ? -1 : 1;
    return left->bin < right->bin ? -1 : 1;
}

static int earlier(const void *a, const void *b)
{
    const struct distance *left = a, *right = b;

    return left->bin < right->bin ? -1 : 1;
}

void draw_bins(const struct top_model *model, int row, int end, struct canvas *canvas)
{
    int n_row = per_row(model, canvas->columns);
    size_t room = end - row > 1 ? (size_t)(end - row - 1) * (size_t)n_row : 0;
    struct distance *list = calloc(model->n_bins + 1, sizeof(*list));
    size_t n = room < model->n_bins ? room : model->n_bins;
    int column;

    for (size_t i = 0; list && i < model->n_bins; i++)
        list[i] = (struct distance){i, fabs(model->bins[i].load - model->bins[i].fair)};
    if (list && n > 0) {
        if (n < model->n_bins)
            qsort(list, model->n_bins, sizeof(*list), further);
        qsort(list, n, sizeof(*list), earlier);
        column = canvas_put(canvas, row, 0, canvas->columns, STYLE_HEAD,
                            strpbrk(model->bins[0].name, ",-") ? "pCPU sets" : "pCPUs");
        column = canvas_put(canvas, row, column, canvas->columns - column, STYLE_FAINT,
                            "  # guests  o other programs  | fair share");
        if (n < model->n_bins)
            canvas_print(canvas, row, column, canvas->columns - column, STYLE_FAINT,
                         ";  %zu of %zu, furthest from it", n, model->n_bins);
        for (size_t i = 0; i < n; i++)
            draw_bin(model, &model->bins[list[i].bin], row + 1 + (int)i / n_row,
                     (int)i % n_row * (cell_width(model) + GAP), canvas);
    }
    free(list);
}
