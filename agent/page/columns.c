/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/columns.h"

#include <math.h>

/* Beyond that columns are longer than any time that a double tells apart. */
enum { MAX_HALVINGS = 1000 };

static void halve(struct columns *columns, unsigned *halvings)
{
    columns->width_s *= 2;
    columns->n = (columns->n + 1) / 2;
    ++*halvings;
}

void columns_widen(struct columns *columns, double width_s, unsigned *ret_halvings)
{
    *ret_halvings = 0;
    if (columns->n <= 1 && columns->width_s < width_s)
        columns->width_s = width_s;
    while (columns->width_s < width_s && *ret_halvings < MAX_HALVINGS)
        halve(columns, ret_halvings);
}

size_t columns_at(struct columns *columns, double t_s, unsigned *ret_halvings)
{
    size_t at;

    *ret_halvings = 0;
    if (columns->n == 0)
        columns->start_s = t_s;
    while (t_s - columns->start_s >= columns->width_s * MAX_COLUMNS && *ret_halvings < MAX_HALVINGS)
        halve(columns, ret_halvings);
    at = t_s > columns->start_s ? (size_t)((t_s - columns->start_s) / columns->width_s) : 0;
    if (at >= MAX_COLUMNS)
        at = MAX_COLUMNS - 1;
    if (columns->n <= at)
        columns->n = at + 1;
    return at;
}

void cell_add(struct cell *cell, double value)
{
    if (!isfinite(value))
        return;
    cell_join(cell, &(struct cell){(float)value, (float)value, value, 1});
}

void cell_join(struct cell *cell, const struct cell *more)
{
    if (more->n == 0)
        return;
    if (cell->n == 0 || more->min < cell->min)
        cell->min = more->min;
    if (cell->n == 0 || more->max > cell->max)
        cell->max = more->max;
    cell->sum += more->sum;
    cell->n += more->n;
}

double cell_mean(const struct cell *cell)
{
    return cell->n ? cell->sum / cell->n : NAN;
}

void cells_halve(struct cell *cells, unsigned halvings)
{
    for (; halvings > 0; halvings--)
        for (size_t i = 0; i < MAX_COLUMNS; i++) {
            struct cell joined = {0};

            if (2 * i + 1 < MAX_COLUMNS) {
                joined = cells[2 * i];
                cell_join(&joined, &cells[2 * i + 1]);
            }
            cells[i] = joined;
        }
}

struct cell cells_all(const struct cell *cells, size_t n)
{
    struct cell all = {0};

    for (size_t i = 0; i < n; i++)
        cell_join(&all, &cells[i]);
    return all;
}
