/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_LP_LP_H
#define EVENKEEL_MODELS_LP_LP_H

#include <stddef.h>

/* A linear or mixed-integer program under construction; always a minimisation. Indices count from
 * 0. Names are labels for people and for the LP text: nothing looks a row or a column up by name.
 */
struct lp;

enum lp_kind { LP_CONTINUOUS, LP_INTEGER, LP_BINARY };

/* Bounds may be -INFINITY / INFINITY. Names are copied and must be LP identifiers: letters, digits
 * and '_', and nothing that reads like a number (no digit first, no "e" before a digit). A name of
 * NULL is generated when text is wanted: x<column> or row<row>. */
struct lp_column {
    const char *name;
    enum lp_kind kind;
    double lower, upper, cost;
};
struct lp_row {
    const char *name;
    double lower, upper;
};
struct lp_entry {
    int row, column;
    double coefficient;
};

/* NULL: out of memory, or not an identifier. lp_free(NULL) is fine, and NULL may be added to: it is a
 * program that has failed already. */
struct lp *lp_new(const char *name);
void lp_free(struct lp *lp);

/* The first failure of lp_new() or of the lp_add_ functions stays, and nothing is added after it: so a
 * program is built without a look back, and this is asked once at its end (solver_new() does it,
 * too). 0, -ENOMEM, or -EINVAL for a name that is not an identifier. */
int lp_error(const struct lp *lp);

/* Each returns the new index, or lp_error(). */
int lp_add_column(struct lp *lp, const char *name, enum lp_kind kind, double lower, double upper,
                  double cost);
int lp_add_row(struct lp *lp, const char *name, double lower, double upper);
/* Adds one matrix entry; each (row, column) at most once. Returns lp_error(), as the two below do. */
int lp_add_entry(struct lp *lp, int row, int column, double coefficient);
/* One line of free text, at most 399 bytes of it, that lp_text() writes as a comment at the top;
 * control characters are replaced, so a guest's name never becomes syntax. */
int __attribute__((format(printf, 2, 3))) lp_add_comment(struct lp *lp, const char *format, ...);
/* Adds to the constant of the objective, which is a column called "constant" and fixed at 1, so that
 * every reader of the text has it. */
int lp_add_constant(struct lp *lp, double constant);

const char *lp_name(const struct lp *lp);
/* What it is about, where another than its maker knows. A failure as of lp_add_column(). */
int lp_rename(struct lp *lp, const char *name);
int lp_columns(const struct lp *lp);
int lp_rows(const struct lp *lp);
size_t lp_entries(const struct lp *lp);
const struct lp_column *lp_column(const struct lp *lp, int column);
const struct lp_row *lp_row(const struct lp *lp, int row);
const struct lp_entry *lp_entry(const struct lp *lp, size_t index);
size_t lp_comments(const struct lp *lp);
const char *lp_comment(const struct lp *lp, size_t index);

/* By how much the point x [lp_columns] breaks a bound, a row or an integrality condition most: 0 is
 * feasible. INFINITY also where there is no memory to check with. */
double lp_violation(const struct lp *lp, const double *x);

/* CPLEX LP text with rows and terms in the order they were added. A row with two different finite
 * bounds becomes two rows, <name>_min and <name>_max, because not every reader knows ranges; a row
 * without bounds is left out. *ret is malloc'ed. 0 or -ENOMEM. */
int lp_text(const struct lp *lp, char **ret);

#endif
