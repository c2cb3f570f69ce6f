/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/lp/solver_input.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

bool solver_bounds_are_valid(double lower, double upper)
{
    return !isnan(lower) && !isnan(upper) && lower <= upper && lower < INFINITY &&
           upper > -INFINITY;
}

bool solver_column_is_valid(enum lp_kind kind, double lower, double upper, double cost)
{
    bool whole = kind == LP_CONTINUOUS || (nearbyint(lower) == lower && nearbyint(upper) == upper);
    bool binary = kind != LP_BINARY || (lower >= 0 && upper <= 1);

    return solver_bounds_are_valid(lower, upper) && isfinite(cost) && whole && binary;
}

static bool frame_is_valid(const struct lp *lp)
{
    for (int j = 0; j < lp_columns(lp); j++) {
        const struct lp_column *column = lp_column(lp, j);

        if (!solver_column_is_valid(column->kind, column->lower, column->upper, column->cost))
            return false;
    }
    for (int i = 0; i < lp_rows(lp); i++) {
        if (!solver_bounds_are_valid(lp_row(lp, i)->lower, lp_row(lp, i)->upper))
            return false;
    }
    return lp_entries(lp) < INT_MAX;
}

static bool entry_is_valid(const struct lp *lp, const struct lp_entry *entry)
{
    return entry->row >= 0 && entry->row < lp_rows(lp) && entry->column >= 0 &&
           entry->column < lp_columns(lp) && isfinite(entry->coefficient);
}

/* Whether some place has two entries. last [rows], first [columns] and before [entries] are chains
 * that start from zero: k + 1 stands for entry k. */
static bool has_repeats(const struct lp *lp, int *last, int *first, int *before)
{
    for (size_t k = 0; k < lp_entries(lp); k++) {
        int column = lp_entry(lp, k)->column;

        before[k] = first[column];
        first[column] = (int)k + 1;
    }
    for (int j = 0; j < lp_columns(lp); j++)
        for (int k = first[j]; k > 0; k = before[k - 1]) {
            int *seen = &last[lp_entry(lp, (size_t)k - 1)->row];

            if (*seen == j + 1)
                return true;
            *seen = j + 1;
        }
    return false;
}

/* 0, -EINVAL or -ENOMEM. */
static int check_entries(const struct lp *lp)
{
    size_t n = lp_entries(lp), rows = (size_t)lp_rows(lp), columns = (size_t)lp_columns(lp);
    int *scratch, r;

    for (size_t k = 0; k < n; k++)
        if (!entry_is_valid(lp, lp_entry(lp, k)))
            return -EINVAL;
    scratch = calloc(rows + columns + n + 1, sizeof(*scratch));
    if (!scratch)
        return -ENOMEM;
    r = has_repeats(lp, scratch, scratch + rows, scratch + rows + columns) ? -EINVAL : 0;
    free(scratch);
    return r;
}

/* Room for n entries, all zero. 0 or -ENOMEM; triplets_done() either way. */
static int reserve(struct triplets *triplets, size_t n)
{
    triplets->rows = calloc(n + 1, sizeof(*triplets->rows));
    triplets->columns = calloc(n + 1, sizeof(*triplets->columns));
    triplets->coefficients = calloc(n + 1, sizeof(*triplets->coefficients));
    return triplets->rows && triplets->columns && triplets->coefficients ? 0 : -ENOMEM;
}

void triplets_done(struct triplets *triplets)
{
    free(triplets->rows);
    free(triplets->columns);
    free(triplets->coefficients);
    *triplets = (struct triplets){0};
}

/* The objective as one more row, behind the others. */
static void add_objective(const struct lp *lp, struct triplets *triplets)
{
    for (int j = 0; j < lp_columns(lp); j++) {
        if (lp_column(lp, j)->cost == 0)
            continue;
        triplets->n++;
        triplets->rows[triplets->n] = lp_rows(lp) + 1;
        triplets->columns[triplets->n] = j + 1;
        triplets->coefficients[triplets->n] = lp_column(lp, j)->cost;
    }
}

int triplets_of(const struct lp *lp, bool with_objective, struct triplets *ret)
{
    struct triplets triplets = {.n = lp_entries(lp)};
    int r = frame_is_valid(lp) ? check_entries(lp) : -EINVAL;

    if (r == 0)
        r = reserve(&triplets, triplets.n + (size_t)lp_columns(lp));
    if (r != 0) {
        triplets_done(&triplets);
        return r;
    }
    for (size_t k = 0; k < triplets.n; k++) {
        const struct lp_entry *entry = lp_entry(lp, k);

        triplets.rows[k + 1] = entry->row + 1;
        triplets.columns[k + 1] = entry->column + 1;
        triplets.coefficients[k + 1] = entry->coefficient;
    }
    if (with_objective)
        add_objective(lp, &triplets);
    *ret = triplets;
    return 0;
}
