/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/certify/compact_question.h"
#include "models/placement/compact.h"
#include "models/placement/compact_rules.h"

#include <errno.h>
#include <math.h>

/* Rows and columns come in the order of models/placement/compact.c. */
struct basis {
    const struct balance *balance;
    const struct lp *lp;
    const double *x;
    enum solver_basis *column, *row;
};

/* ---- Basis ---- */

/* An item's row belongs to the column of its bin. Returns the column after the last. */
static int place_items(const struct basis *basis, const int *bin_of)
{
    const struct placement_problem *problem = basis->balance->problem;
    int column = 0;

    for (size_t v = 0; v < problem->n_items; v++) {
        basis->row[v] = SOLVER_FIXED;
        for (size_t p = 0; p < problem->n_bins; p++) {
            if (placement_may_run(problem, v, p))
                basis->column[column++] = bin_of[v] == (int)p ? SOLVER_BASIC : SOLVER_AT_LOWER;
        }
    }
    return column;
}

/* The worst bin's row, over or under, belongs to the deviation. */
static void place_deviation(const struct basis *basis, const int64_t *load, int column)
{
    const struct balance *balance = basis->balance;
    int over = balance->n, under = balance->n + balance->m, worst = 0;

    for (int p = 0; p < balance->m; p++) {
        basis->row[over + p] = basis->row[under + p] = SOLVER_BASIC;
        if (balance_deviation(balance, p, load[p]) > balance_deviation(balance, worst, load[worst]))
            worst = p;
    }
    basis->column[column] = SOLVER_BASIC;
    if (balance_error(balance, worst, load[worst]) > 0)
        basis->row[over + worst] = SOLVER_AT_UPPER;
    else
        basis->row[under + worst] = SOLVER_AT_LOWER;
}

/* A bin's row belongs to the step in which its load ends; those before are full. Returns the column
 * after its last. */
static int place_steps(const struct basis *basis, int p, int column)
{
    bool is_placed = false;

    basis->row[basis->balance->n + p] = SOLVER_FIXED;
    for (int direction = 0; direction < 2; direction++) {
        double length;

        do {
            length = lp_column(basis->lp, column)->upper;
            basis->column[column] = SOLVER_AT_LOWER;
            if (basis->x[column] >= length)
                basis->column[column] = SOLVER_AT_UPPER;
            else if (!is_placed && (basis->x[column] > 0 || direction == 1)) {
                basis->column[column] = SOLVER_BASIC;
                is_placed = true;
            }
            column++;
        } while (isfinite(length));
    }
    return column;
}

/* Rows and columns of charges come last, one to one: of overload, and of groups. What is charged has
 * its row, every other row itself. */
static void place_charges(const struct basis *basis, int column)
{
    int rows = lp_rows(basis->lp), n = lp_columns(basis->lp) - column;

    for (int k = 0; k < n; k++) {
        int row = rows - n + k;
        bool is_charged = basis->x[column + k] > 0,
             has_upper = lp_row(basis->lp, row)->upper < INFINITY;

        basis->column[column + k] = is_charged ? SOLVER_BASIC : SOLVER_AT_LOWER;
        basis->row[row] = !is_charged ? SOLVER_BASIC
                          : has_upper ? SOLVER_AT_UPPER
                                      : SOLVER_AT_LOWER;
    }
}

/* Rows of hard rules belong to themselves: the placement keeps them. */
static void place_rules(const struct basis *basis)
{
    const struct balance *balance = basis->balance;
    bool is_variance = balance->problem->objective == PLACEMENT_VARIANCE;
    int first = balance->n + (is_variance ? balance->m : 2 * balance->m);

    for (int k = 0; k < compact_rules_rows(balance->problem); k++)
        basis->row[first + k] = SOLVER_BASIC;
}

static int fill_basis(const struct basis *basis, const int *bin_of, struct arena *arena)
{
    const struct balance *balance = basis->balance;
    int column = place_items(basis, bin_of);
    int64_t *load = arena_take(arena, (size_t)balance->m, sizeof(*load));

    if (!load)
        return -ENOMEM;
    balance_loads(balance, bin_of, load);
    if (balance->problem->objective == PLACEMENT_DEVIATION) {
        place_deviation(basis, load, column++);
    } else {
        for (int p = 0; p < balance->m; p++)
            column = place_steps(basis, p, column);
        basis->column[column++] = SOLVER_FIXED; /* the constant */
    }
    place_rules(basis);
    place_charges(basis, column);
    return 0;
}

/* ---- Columns out of reach ---- */

/* One item's columns. With a single one left that is fixed too: the item has to be somewhere.
 * Returns the column after the last. */
static int fix_item(const struct placement_problem *problem, size_t v, const int *bin_of,
                    const bool *possible, int column, bool *fixed)
{
    int first = column, n_left = 0;

    for (size_t p = 0; p < problem->n_bins; p++) {
        if (!placement_may_run(problem, v, p))
            continue;
        fixed[column] = bin_of[v] != (int)p && !possible[v * problem->n_bins + p];
        n_left += !fixed[column++];
    }
    for (int j = first; j < column && n_left == 1; j++)
        fixed[j] = true;
    return column;
}

static bool *fixed_columns(const struct placement_problem *problem, const struct lp *lp,
                           const int *bin_of, const bool *possible, struct arena *arena)
{
    bool *fixed = arena_take(arena, (size_t)lp_columns(lp), sizeof(*fixed));
    int column = 0;

    for (size_t v = 0; fixed && v < problem->n_items; v++)
        column = fix_item(problem, v, bin_of, possible, column, fixed);
    return fixed;
}

int compact_question(const struct balance *balance, const struct lp *lp, const int *bin_of,
                     const bool *possible, struct arena *arena, struct question *question)
{
    size_t columns = (size_t)lp_columns(lp), rows = (size_t)lp_rows(lp);
    double *x = arena_take(arena, columns, sizeof(*x));
    struct basis basis = {.balance = balance,
                          .lp = lp,
                          .x = x,
                          .column = arena_take(arena, columns, sizeof(*basis.column)),
                          .row = arena_take(arena, rows, sizeof(*basis.row))};
    int r;

    if (!x || !basis.column || !basis.row)
        return -ENOMEM;
    r = placement_compact_point(balance->problem, lp, bin_of, x);
    if (r == 0)
        r = fill_basis(&basis, bin_of, arena);
    question->lp = lp;
    question->incumbent = x;
    question->column_basis = basis.column;
    question->row_basis = basis.row;
    if (r == 0 && possible) {
        question->fixed = fixed_columns(balance->problem, lp, bin_of, possible, arena);
        r = question->fixed ? 0 : -ENOMEM;
    }
    return r;
}

/* ---- The answer ---- */

bool compact_question_read(const struct placement_problem *problem, const double *x, int *bin_of)
{
    int column = 0;

    for (size_t v = 0; v < problem->n_items; v++) {
        int taken = 0;

        for (size_t p = 0; p < problem->n_bins; p++) {
            double part = placement_may_run(problem, v, p) ? x[column++] : 0;

            if (part == 1) {
                bin_of[v] = (int)p;
                taken++;
            } else if (part != 0) {
                return false;
            }
        }
        if (taken != 1)
            return false;
    }
    return true;
}
