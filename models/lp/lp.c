/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/lp/lp.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A growing array of T. */
#define ARRAY(T)                                                                                   \
    struct {                                                                                       \
        T *items;                                                                                  \
        size_t n, capacity;                                                                        \
    }

struct lp {
    char *name;
    int error;    /* the first one; 0: none */
    int constant; /* column of lp_add_constant(), or -1 */
    ARRAY(struct lp_column) columns;
    ARRAY(struct lp_row) rows;
    ARRAY(struct lp_entry) entries;
    ARRAY(char *) comments;
};

int lp_error(const struct lp *lp)
{
    return lp ? lp->error : -ENOMEM;
}

/* Remembers the first failure. */
static int fail(struct lp *lp, int error)
{
    if (lp && lp->error == 0)
        lp->error = error;
    return lp_error(lp);
}

static int grow(void *array, size_t n, size_t *capacity, size_t item_size)
{
    void **items = array, *grown;
    size_t wanted = *capacity < 16 ? 16 : *capacity * 2;

    if (n < *capacity)
        return 0;
    if (n >= INT_MAX || !(grown = realloc(*items, wanted * item_size)))
        return -ENOMEM;
    *items = grown;
    *capacity = wanted;
    return 0;
}

#define GROW(a) grow(&(a)->items, (a)->n, &(a)->capacity, sizeof(*(a)->items))

/* What every reader of CPLEX LP text accepts: a leading digit or an e-number would be a
 * coefficient. */
static bool is_identifier(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    bool looks_like_number =
        isdigit((unsigned char)name[0]) ||
        ((name[0] == 'e' || name[0] == 'E') && isdigit((unsigned char)name[1]));

    return length > 0 && name[length] == '\0' && !looks_like_number;
}

static int copy_name(const char *name, const char **ret)
{
    *ret = NULL;
    if (!name)
        return 0;
    if (!is_identifier(name))
        return -EINVAL;
    *ret = strdup(name);
    return *ret ? 0 : -ENOMEM;
}

struct lp *lp_new(const char *name)
{
    struct lp *lp = is_identifier(name) ? calloc(1, sizeof(*lp)) : NULL;

    if (!lp)
        return NULL;
    lp->constant = -1;
    lp->name = strdup(name);
    if (!lp->name) {
        lp_free(lp);
        return NULL;
    }
    return lp;
}

void lp_free(struct lp *lp)
{
    if (!lp)
        return;
    for (size_t i = 0; i < lp->columns.n; i++)
        free((char *)lp->columns.items[i].name);
    for (size_t i = 0; i < lp->rows.n; i++)
        free((char *)lp->rows.items[i].name);
    for (size_t i = 0; i < lp->comments.n; i++)
        free(lp->comments.items[i]);
    free(lp->columns.items);
    free(lp->rows.items);
    free(lp->entries.items);
    free(lp->comments.items);
    free(lp->name);
    free(lp);
}

int lp_add_column(struct lp *lp, const char *name, enum lp_kind kind, double lower, double upper,
                  double cost)
{
    struct lp_column column = {.kind = kind, .lower = lower, .upper = upper, .cost = cost};
    int r = lp_error(lp);

    if (r == 0)
        r = GROW(&lp->columns);
    if (r == 0)
        r = copy_name(name, &column.name);
    if (r < 0)
        return fail(lp, r);
    lp->columns.items[lp->columns.n] = column;
    return (int)lp->columns.n++;
}

int lp_add_row(struct lp *lp, const char *name, double lower, double upper)
{
    struct lp_row row = {.lower = lower, .upper = upper};
    int r = lp_error(lp);

    if (r == 0)
        r = GROW(&lp->rows);
    if (r == 0)
        r = copy_name(name, &row.name);
    if (r < 0)
        return fail(lp, r);
    lp->rows.items[lp->rows.n] = row;
    return (int)lp->rows.n++;
}

int lp_add_entry(struct lp *lp, int row, int column, double coefficient)
{
    if (lp_error(lp) < 0 || GROW(&lp->entries) < 0)
        return fail(lp, -ENOMEM);
    lp->entries.items[lp->entries.n++] =
        (struct lp_entry){.row = row, .column = column, .coefficient = coefficient};
    return 0;
}

int lp_add_comment(struct lp *lp, const char *format, ...)
{
    char text[400], *copy;
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (lp_error(lp) < 0 || GROW(&lp->comments) < 0 || !(copy = strdup(text)))
        return fail(lp, -ENOMEM);
    for (char *c = copy; *c; c++) {
        if (iscntrl((unsigned char)*c))
            *c = '?';
    }
    lp->comments.items[lp->comments.n++] = copy;
    return 0;
}

int lp_add_constant(struct lp *lp, double constant)
{
    if (lp_error(lp) < 0)
        return lp_error(lp);
    if (lp->constant < 0)
        lp->constant = lp_add_column(lp, "constant", LP_CONTINUOUS, 1, 1, 0);
    if (lp->constant >= 0)
        lp->columns.items[lp->constant].cost += constant;
    return lp_error(lp);
}

const char *lp_name(const struct lp *lp)
{
    return lp->name;
}

int lp_rename(struct lp *lp, const char *name)
{
    char *copy = is_identifier(name) ? strdup(name) : NULL;

    if (lp_error(lp) < 0 || !copy) {
        free(copy);
        return fail(lp, -ENOMEM);
    }
    free(lp->name);
    lp->name = copy;
    return 0;
}

int lp_columns(const struct lp *lp)
{
    return (int)lp->columns.n;
}

int lp_rows(const struct lp *lp)
{
    return (int)lp->rows.n;
}

size_t lp_entries(const struct lp *lp)
{
    return lp->entries.n;
}

size_t lp_comments(const struct lp *lp)
{
    return lp->comments.n;
}

const struct lp_column *lp_column(const struct lp *lp, int column)
{
    assert(column >= 0 && (size_t)column < lp->columns.n);
    return &lp->columns.items[column];
}

const struct lp_row *lp_row(const struct lp *lp, int row)
{
    assert(row >= 0 && (size_t)row < lp->rows.n);
    return &lp->rows.items[row];
}

const struct lp_entry *lp_entry(const struct lp *lp, size_t index)
{
    assert(index < lp->entries.n);
    return &lp->entries.items[index];
}

const char *lp_comment(const struct lp *lp, size_t index)
{
    assert(index < lp->comments.n);
    return lp->comments.items[index];
}

/* NaN is the largest breach of all. */
static double breach(double value, double lower, double upper)
{
    return isnan(value) ? INFINITY : fmax(0, fmax(lower - value, value - upper));
}

static double column_violation(const struct lp_column *column, double value)
{
    double violation = breach(value, column->lower, column->upper);

    if (column->kind == LP_BINARY)
        violation = fmax(violation, breach(value, 0, 1));
    if (column->kind != LP_CONTINUOUS && isfinite(value))
        violation = fmax(violation, fabs(value - nearbyint(value)));
    return violation;
}

double lp_violation(const struct lp *lp, const double *x)
{
    double violation = 0;
    double *activity = calloc(lp->rows.n + 1, sizeof(*activity));

    if (!activity)
        return INFINITY;
    for (size_t j = 0; j < lp->columns.n; j++)
        violation = fmax(violation, column_violation(&lp->columns.items[j], x[j]));
    for (size_t k = 0; k < lp->entries.n; k++) {
        const struct lp_entry *entry = &lp->entries.items[k];

        activity[entry->row] += entry->coefficient * x[entry->column];
    }
    for (size_t i = 0; i < lp->rows.n; i++) {
        const struct lp_row *row = &lp->rows.items[i];

        violation = fmax(violation, breach(activity[i], row->lower, row->upper));
    }
    free(activity);
    return violation;
}
