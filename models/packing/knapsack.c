/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/knapsack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"

/* Cells of a table, and bytes of all choices; beyond, units become coarser. */
enum { MOST_CELLS = 1 << 18, MOST_CHOICE_BYTES = 64 << 20, MOST_IN_STEP = 255 };

/* So many of one item, or one of those of a set. */
struct knapsack_step {
    size_t first, n; /* items */
    int times;
};

/* The table's two resources in units: rows and columns. */
struct table {
    size_t a, b;
    int64_t unit_a, unit_b;
    int rows, columns; /* the largest index of each */
    bool is_single;    /* one resource: columns is 0 */
    bool fits;
};

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

static bool takes_part(const struct knapsack *knapsack, const struct knapsack_item *item,
                       const int *room)
{
    for (size_t r = 0; r < knapsack->rooms; r++)
        if (item->size[r] > room[r])
            return false;
    return item->count > 0 && item->value > 0;
}

static int64_t unit_of(const struct knapsack *knapsack, const int *room, size_t r)
{
    int64_t unit = 0;

    for (size_t k = 0; k < knapsack->n; k++)
        if (takes_part(knapsack, &knapsack->items[k], room))
            unit = common_divisor(unit, knapsack->items[k].size[r]);
    return max64(unit, 1);
}

static int in_units(const struct table *table, int size, int64_t unit)
{
    return (int)(table->fits ? (size + unit - 1) / unit : size / unit);
}

static size_t cells(const struct table *table)
{
    return ((size_t)table->rows + 1) * ((size_t)table->columns + 1);
}

static void coarsen(struct table *table, const int *room)
{
    if (table->rows > table->columns)
        table->unit_a *= 2;
    else
        table->unit_b *= 2;
    table->rows = (int)(room[table->a] / table->unit_a);
    table->columns = table->is_single ? 0 : (int)(room[table->b] / table->unit_b);
}

static struct table lay_out(const struct knapsack *knapsack, const int *room, size_t a, size_t b,
                            bool fits)
{
    struct table table = {.a = a, .b = b, .fits = fits, .is_single = a == b};

    table.unit_a = unit_of(knapsack, room, a);
    table.unit_b = unit_of(knapsack, room, b);
    table.rows = (int)(room[a] / table.unit_a);
    table.columns = table.is_single ? 0 : (int)(room[b] / table.unit_b);
    while (cells(&table) > MOST_CELLS)
        coarsen(&table, room);
    return table;
}

static int row_of(const struct table *table, const struct knapsack_item *item)
{
    return in_units(table, item->size[table->a], table->unit_a);
}

static int column_of(const struct table *table, const struct knapsack_item *item)
{
    return table->is_single ? 0 : in_units(table, item->size[table->b], table->unit_b);
}

/* How many of an item can be in one bin. */
static int most_of(const struct table *table, const struct knapsack_item *item)
{
    int most = item->count, row = row_of(table, item), column = column_of(table, item);

    if (row > 0)
        most = min_int(most, table->rows / row);
    if (column > 0)
        most = min_int(most, table->columns / column);
    return most;
}

static int grow_steps(struct knapsack *knapsack, size_t n)
{
    struct knapsack_step *steps;

    if (n <= knapsack->n_steps)
        return 0;
    steps = realloc(knapsack->steps, 2 * n * sizeof(*steps));
    if (!steps)
        return -ENOMEM;
    knapsack->steps = steps;
    knapsack->n_steps = 2 * n;
    return 0;
}

/* An item that there are many of comes in parts of 1, 2, 4 ... of them. Returns the number of steps. */
static int add_steps(struct knapsack *knapsack, const struct table *table, const int *room)
{
    size_t n = 0;

    for (size_t k = 0; k < knapsack->n;) {
        const struct knapsack_item *item = &knapsack->items[k];
        size_t end = k + 1;

        if (grow_steps(knapsack, n + 32) < 0)
            return -ENOMEM;
        while (item->set >= 0 && end < knapsack->n && end - k < MOST_IN_STEP &&
               knapsack->items[end].set == item->set)
            end++;
        if (item->set >= 0) {
            knapsack->steps[n] = (struct knapsack_step){.first = k, .n = end - k, .times = 1};
            n++;
        } else if (takes_part(knapsack, item, room)) {
            int left = most_of(table, item);

            for (int times = 1; left > 0; times *= 2) {
                knapsack->steps[n] =
                    (struct knapsack_step){.first = k, .n = 1, .times = min_int(times, left)};
                n++;
                left -= min_int(times, left);
            }
        }
        k = end;
    }
    return (int)n;
}

static int take_memory(struct knapsack *knapsack, size_t n_cells, size_t n_choice)
{
    if (n_cells > knapsack->n_best) {
        free(knapsack->best);
        free(knapsack->before);
        knapsack->n_best = n_cells;
        knapsack->best = malloc(n_cells * sizeof(*knapsack->best));
        knapsack->before = malloc(n_cells * sizeof(*knapsack->before));
    }
    if (n_choice > knapsack->n_choice) {
        free(knapsack->choice);
        knapsack->n_choice = n_choice;
        knapsack->choice = malloc(n_choice);
    }
    if (knapsack->best && knapsack->before && knapsack->choice)
        return 0;
    knapsack_done(knapsack);
    return -ENOMEM;
}

void knapsack_done(struct knapsack *knapsack)
{
    free(knapsack->best);
    free(knapsack->before);
    free(knapsack->choice);
    free(knapsack->steps);
    knapsack->best = knapsack->before = NULL;
    knapsack->choice = NULL;
    knapsack->steps = NULL;
    knapsack->n_best = knapsack->n_choice = knapsack->n_steps = 0;
}

/* A row of cells takes what is better with the item: from another row, so that cells do not depend on
 * each other. */
static void take_row(int32_t *restrict to, const int32_t *restrict from, uint8_t *restrict choice,
                     int n, int32_t value, uint8_t mark)
{
    for (int k = 0; k < n; k++) {
        int32_t with = from[k] + value;
        bool is_better = with > to[k];

        to[k] = is_better ? with : to[k];
        choice[k] = is_better ? mark : choice[k];
    }
}

static bool is_in_place(const struct table *table, const struct knapsack *knapsack,
                        const struct knapsack_step *step)
{
    return step->n == 1 && row_of(table, &knapsack->items[step->first]) > 0;
}

static void take_item(struct knapsack *knapsack, const struct table *table,
                      const struct knapsack_step *step, size_t k, uint8_t *choice)
{
    const struct knapsack_item *item = &knapsack->items[k];
    int rows = row_of(table, item) * step->times, columns = column_of(table, item) * step->times;
    int n = table->columns + 1 - columns;
    int32_t value = (int32_t)(item->value * step->times);
    size_t width = (size_t)table->columns + 1;
    /* rows of their own, from the last one down, are read before they change */
    const int32_t *from = is_in_place(table, knapsack, step) ? knapsack->best : knapsack->before;

    for (int row = table->rows; row >= rows && n > 0; row--) {
        size_t to = (size_t)row * width + (size_t)columns;

        take_row(knapsack->best + to, from + (size_t)(row - rows) * width, choice + to, n, value,
                 (uint8_t)(k - step->first + 1));
    }
}

static void take_step(struct knapsack *knapsack, const struct table *table, const int *room,
                      size_t s)
{
    const struct knapsack_step *step = &knapsack->steps[s];
    uint8_t *choice = knapsack->choice + s * cells(table);

    memset(choice, 0, cells(table));
    if (!is_in_place(table, knapsack, step))
        memcpy(knapsack->before, knapsack->best, cells(table) * sizeof(*knapsack->best));
    for (size_t k = step->first; k < step->first + step->n; k++)
        if (takes_part(knapsack, &knapsack->items[k], room))
            take_item(knapsack, table, step, k, choice);
}

static void trace(struct knapsack *knapsack, const struct table *table, size_t n_steps)
{
    size_t cell = cells(table) - 1;

    for (size_t s = n_steps; s-- > 0;) {
        const struct knapsack_step *step = &knapsack->steps[s];
        uint8_t mark = knapsack->choice[s * cells(table) + cell];
        struct knapsack_item *item = &knapsack->items[step->first + (mark ? mark - 1u : 0u)];

        if (!mark)
            continue;
        item->taken += step->times;
        cell -= (size_t)(row_of(table, item) * step->times) * ((size_t)table->columns + 1) +
                (size_t)(column_of(table, item) * step->times);
    }
}

static bool has_small_values(const struct knapsack *knapsack, const struct table *table)
{
    int64_t sum = 0;

    for (size_t k = 0; k < knapsack->n && sum <= INT32_MAX; k++)
        if (knapsack->items[k].value > INT32_MAX)
            return false;
        else if (knapsack->items[k].count > 0)
            sum += knapsack->items[k].value * most_of(table, &knapsack->items[k]);
    return sum <= INT32_MAX;
}

int knapsack_fill(struct knapsack *knapsack, const int *room, size_t a, size_t b, bool fits,
                  struct work *work, int64_t *ret_value)
{
    struct table table = lay_out(knapsack, room, a, b, fits);
    int steps, error;

    for (size_t k = 0; k < knapsack->n; k++)
        knapsack->items[k].taken = 0;
    *ret_value = INT64_MAX;
    if (!has_small_values(knapsack, &table))
        return 0;
    steps = add_steps(knapsack, &table, room);
    while (steps > 0 && (size_t)steps * cells(&table) > MOST_CHOICE_BYTES) {
        coarsen(&table, room);
        steps = add_steps(knapsack, &table, room);
    }
    if (steps < 0)
        return steps;
    error = take_memory(knapsack, cells(&table), (size_t)steps * cells(&table) + 1);
    if (error < 0)
        return error;
    memset(knapsack->best, 0, cells(&table) * sizeof(*knapsack->best));
    for (int s = 0; s < steps; s++)
        take_step(knapsack, &table, room, (size_t)s);
    work_count_cells(work, 0, 1000 + (int64_t)((size_t)steps * cells(&table)));
    trace(knapsack, &table, (size_t)steps);
    *ret_value = knapsack->best[cells(&table) - 1];
    return 0;
}
