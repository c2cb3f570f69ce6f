/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/lp/lp.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* The dialect that glpsol, CBC, HiGHS and CPLEX all read: one sense per row, explicit bounds, no
 * ranges, no constants, and lines far shorter than the 255 characters of the oldest reader. */
enum { TERMS_PER_LINE = 5 };

/* The entries of each row in the order they were added: those of row i are order[start[i]] ..
 * order[start[i + 1] - 1]. */
struct rows {
    size_t *start, *order;
};

static void rows_done(struct rows *rows)
{
    free(rows->start);
    free(rows->order);
}

static int rows_of(const struct lp *lp, struct rows *ret)
{
    size_t n_rows = (size_t)lp_rows(lp);
    struct rows rows = {.start = calloc(n_rows + 2, sizeof(*rows.start)),
                        .order = calloc(lp_entries(lp) + 1, sizeof(*rows.order))};

    if (!rows.start || !rows.order) {
        rows_done(&rows);
        return -ENOMEM;
    }
    /* Counting sort: start[i + 1] is where the next entry of row i goes, and ends up as its end. */
    for (size_t k = 0; k < lp_entries(lp); k++)
        rows.start[lp_entry(lp, k)->row + 2]++;
    for (size_t i = 0; i < n_rows; i++)
        rows.start[i + 2] += rows.start[i + 1];
    for (size_t k = 0; k < lp_entries(lp); k++)
        rows.order[rows.start[lp_entry(lp, k)->row + 1]++] = k;
    *ret = rows;
    return 0;
}

/* The shortest decimal text that reads back as the same double. */
static void print_number(FILE *out, double value)
{
    char text[40];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fputs(text, out);
}

static void print_column_name(FILE *out, const struct lp *lp, int column)
{
    if (lp_column(lp, column)->name)
        fputs(lp_column(lp, column)->name, out);
    else
        fprintf(out, "x%d", column);
}

static void print_row_name(FILE *out, const struct lp *lp, int row)
{
    if (lp_row(lp, row)->name)
        fputs(lp_row(lp, row)->name, out);
    else
        fprintf(out, "row%d", row);
}

/* index counts the terms already printed in this expression. */
static void print_term(FILE *out, const struct lp *lp, size_t index, double coefficient, int column)
{
    fputs(index > 0 && index % TERMS_PER_LINE == 0 ? "\n   " : "", out);
    fputs(signbit(coefficient) ? " - " : " + ", out);
    if (fabs(coefficient) != 1) {
        print_number(out, fabs(coefficient));
        fputc(' ', out);
    }
    print_column_name(out, lp, column);
}

static void print_objective(FILE *out, const struct lp *lp)
{
    size_t printed = 0;

    fputs("Minimize\n objective:", out);
    for (int j = 0; j < lp_columns(lp); j++) {
        if (lp_column(lp, j)->cost != 0)
            print_term(out, lp, printed++, lp_column(lp, j)->cost, j);
    }
    if (printed == 0 && lp_columns(lp) > 0)
        print_term(out, lp, 0, 0, 0);
    fputc('\n', out);
}

static void print_row(FILE *out, const struct lp *lp, const struct rows *rows, int row,
                      const char *suffix, const char *sense, double bound)
{
    size_t first = rows->start[row], end = rows->start[row + 1];

    fputc(' ', out);
    print_row_name(out, lp, row);
    fprintf(out, "%s:", suffix);
    for (size_t k = first; k < end; k++) {
        const struct lp_entry *entry = lp_entry(lp, rows->order[k]);

        print_term(out, lp, k - first, entry->coefficient, entry->column);
    }
    if (first == end && lp_columns(lp) > 0)
        print_term(out, lp, 0, 0, 0);
    fprintf(out, " %s ", sense);
    print_number(out, bound);
    fputc('\n', out);
}

/* GLPK wants a row in each text: without any there is one that is always true. */
static void print_rows(FILE *out, const struct lp *lp, const struct rows *rows)
{
    size_t printed = 0;

    fputs("\nSubject To\n", out);
    for (int i = 0; i < lp_rows(lp); i++) {
        const struct lp_row *row = lp_row(lp, i);
        bool has_lower = isfinite(row->lower), has_upper = isfinite(row->upper);
        bool ranged = has_lower && has_upper;

        printed += has_lower || has_upper;
        if (ranged && row->lower == row->upper) {
            print_row(out, lp, rows, i, "", "=", row->lower);
            continue;
        }
        if (has_lower)
            print_row(out, lp, rows, i, ranged ? "_min" : "", ">=", row->lower);
        if (has_upper)
            print_row(out, lp, rows, i, ranged ? "_max" : "", "<=", row->upper);
    }
    if (printed == 0 && lp_columns(lp) > 0) {
        fputs(" nothing:", out);
        print_term(out, lp, 0, 0, 0);
        fputs(" >= 0\n", out);
    }
}

static bool is_plain_binary(const struct lp_column *column)
{
    return column->kind == LP_BINARY && column->lower <= 0 && column->upper >= 1;
}

static void print_bounds_of(FILE *out, const struct lp *lp, int j)
{
    const struct lp_column *column = lp_column(lp, j);
    double lower = column->kind == LP_BINARY ? fmax(column->lower, 0) : column->lower;
    double upper = column->kind == LP_BINARY ? fmin(column->upper, 1) : column->upper;
    bool is_fixed = lower == upper, is_free = isinf(lower) && isinf(upper);

    fputc(' ', out);
    if (!is_fixed && !is_free) {
        if (isinf(lower))
            fputs("-inf", out);
        else
            print_number(out, lower);
        fputs(" <= ", out);
    }
    print_column_name(out, lp, j);
    if (is_free)
        fputs(" free", out);
    else if (isfinite(upper)) {
        fputs(is_fixed ? " = " : " <= ", out);
        print_number(out, upper);
    }
    fputc('\n', out);
}

static void print_bounds(FILE *out, const struct lp *lp)
{
    fputs("\nBounds\n", out);
    for (int j = 0; j < lp_columns(lp); j++) {
        const struct lp_column *column = lp_column(lp, j);
        bool is_default = column->lower == 0 && isinf(column->upper);

        if (!is_plain_binary(column) && !(is_default && column->kind != LP_BINARY))
            print_bounds_of(out, lp, j);
    }
}

/* Lists the integer columns, or those of them that are plain binaries. */
static void print_integers(FILE *out, const struct lp *lp, bool binaries)
{
    size_t printed = 0;

    for (int j = 0; j < lp_columns(lp); j++) {
        const struct lp_column *column = lp_column(lp, j);

        if (column->kind == LP_CONTINUOUS || is_plain_binary(column) != binaries)
            continue;
        if (printed == 0)
            fputs(binaries ? "\nBinaries\n" : "\nGenerals\n", out);
        else
            fputs(printed % TERMS_PER_LINE == 0 ? "\n" : "", out);
        fputc(' ', out);
        print_column_name(out, lp, j);
        printed++;
    }
    fputs(printed > 0 ? "\n" : "", out);
}

int lp_text(const struct lp *lp, char **ret)
{
    struct rows rows;
    char *text = NULL;
    size_t size;
    bool failed;
    FILE *out;

    if (rows_of(lp, &rows) < 0)
        return -ENOMEM;
    out = open_memstream(&text, &size);
    if (!out) {
        rows_done(&rows);
        return -ENOMEM;
    }
    fprintf(out, "\\ Problem: %s\n", lp_name(lp));
    for (size_t k = 0; k < lp_comments(lp); k++)
        fprintf(out, "\\ %s\n", lp_comment(lp, k));
    fputc('\n', out);
    print_objective(out, lp);
    print_rows(out, lp, &rows);
    print_bounds(out, lp);
    print_integers(out, lp, false);
    print_integers(out, lp, true);
    fputs("\nEnd\n", out);
    rows_done(&rows);

    failed = ferror(out);
    if (fclose(out) != 0 || failed || !text) { /* success does not promise a text */
        free(text);
        return -ENOMEM;
    }
    *ret = text;
    return 0;
}
