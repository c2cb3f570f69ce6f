/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --emit-lp writes: GLPK's own reader finds in the text the program that was written, and in the
 * model of a plan that plan with its objective. */
#define _GNU_SOURCE /* memfd_create */
#include <glpk.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "models/memory/lp.h"
#include "models/placement/compact.h"
#include "tests/fuzz/problems.h"

enum { PLACEMENT, MEMORY, RAW, KINDS };
enum { MOST_COLUMNS = 12, MOST_ROWS = 8, MOST_COMMENTS = 4, NAME = 40 };
/* Squares have a column for every permille that a load is off; GLPK's reader takes minutes over what a
 * plan that is 100 pCPUs off needs. */
enum { MOST_READ = 20000 };
static const double DUST = 1e-9, OBJECTIVE_DUST = 1e-6;

static bool is_equal(double a, double b, double dust)
{
    return a == b || fabs(a - b) <= dust * (1 + fabs(a) + fabs(b));
}

/* ---- The text read back ---- */

static glp_prob *read_back(const char *text)
{
    glp_prob *read = glp_create_prob();
    int fd = memfd_create("lp", 0), r;
    char path[64];

    must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), "there is room");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    glp_term_out(GLP_OFF);
    r = glp_read_lp(read, NULL, path);
    close(fd);
    if (r != 0)
        fprintf(stderr, "%s", text);
    must(r == 0, "GLPK reads the text");
    glp_create_index(read);
    return read;
}

static int column_in(glp_prob *read, const struct lp *lp, int j)
{
    char generated[NAME];

    snprintf(generated, sizeof(generated), "x%d", j);
    return glp_find_col(read, lp_column(lp, j)->name ? lp_column(lp, j)->name : generated);
}

static void check_column(glp_prob *read, const struct lp *lp, int j)
{
    const struct lp_column *column = lp_column(lp, j);
    bool is_binary = column->kind == LP_BINARY;
    double lower = is_binary ? fmax(column->lower, 0) : column->lower;
    double upper = is_binary ? fmin(column->upper, 1) : column->upper;
    int k = column_in(read, lp, j), type;

    if (!k) {
        must(column->cost == 0, "every column that costs is there");
        return;
    }
    type = glp_get_col_type(read, k);
    must(glp_get_obj_coef(read, k) == column->cost, "a column costs what it did");
    must((glp_get_col_kind(read, k) == GLP_CV) == (column->kind == LP_CONTINUOUS),
         "whole columns are whole");
    must(type == GLP_FR || type == GLP_UP ? isinf(lower) : glp_get_col_lb(read, k) == lower,
         "a column has its lower bound");
    must(type == GLP_FR || type == GLP_LO ? isinf(upper) : glp_get_col_ub(read, k) == upper,
         "a column has its upper bound");
}

/* What a row comes to at a point, as written and as read. */
static double activity_of(const struct lp *lp, int row, const double *x)
{
    double sum = 0;

    for (size_t k = 0; k < lp_entries(lp); k++)
        sum += lp_entry(lp, k)->row == row
                   ? lp_entry(lp, k)->coefficient * x[lp_entry(lp, k)->column]
                   : 0;
    return sum;
}

static double activity_in(glp_prob *read, const struct lp *lp, int row, const double *x)
{
    double sum = 0, *values = calloc((size_t)lp_columns(lp) + 1, sizeof(*values));
    double *at = calloc((size_t)lp_columns(lp) + 1, sizeof(*at));
    int *index = calloc((size_t)lp_columns(lp) + 1, sizeof(*index));
    int n;

    must(values && index && at, "there is memory");
    for (int j = 0; j < lp_columns(lp); j++)
        at[column_in(read, lp, j)] = x[j];
    n = glp_get_mat_row(read, row, index, values);
    for (int t = 1; t <= n; t++)
        sum += values[t] * at[index[t]];
    free(values);
    free(at);
    free(index);
    return sum;
}

static void check_part(glp_prob *read, const struct lp *lp, int row, const char *suffix,
                       double bound, bool is_upper)
{
    const struct lp_row *written = lp_row(lp, row);
    double *x = calloc((size_t)lp_columns(lp) + 1, sizeof(*x));
    char name[2 * NAME];
    int k;

    must(x, "there is memory");
    if (written->name)
        snprintf(name, sizeof(name), "%s%s", written->name, suffix);
    else
        snprintf(name, sizeof(name), "row%d%s", row, suffix);
    k = glp_find_row(read, name);
    must(k > 0, "every row with a bound is there");
    must((is_upper ? glp_get_row_ub(read, k) : glp_get_row_lb(read, k)) == bound,
         "a row has its bound");
    for (int j = 0; j < lp_columns(lp); j++)
        x[j] = 1 + fmod(j * 0.618034, 1);
    must(is_equal(activity_of(lp, row, x), activity_in(read, lp, k, x), DUST),
         "a row has its coefficients");
    free(x);
}

static void check_row(glp_prob *read, const struct lp *lp, int row)
{
    double lower = lp_row(lp, row)->lower, upper = lp_row(lp, row)->upper;
    bool is_range = isfinite(lower) && isfinite(upper) && lower != upper;

    if (isfinite(lower))
        check_part(read, lp, row, is_range ? "_min" : "", lower, false);
    if (isfinite(upper))
        check_part(read, lp, row, is_range ? "_max" : "", upper, true);
}

/* The program is in its text, and so is the objective of a point, where one is given. */
static void check_text(const struct lp *lp, const double *x, double objective)
{
    glp_prob *read;
    double cost = 0;
    char *text;

    must(lp_text(lp, &text) == 0, "there is a text");
    read = read_back(text);
    for (int j = 0; j < lp_columns(lp); j++) {
        check_column(read, lp, j);
        cost += x ? x[j] * glp_get_obj_coef(read, column_in(read, lp, j)) : 0;
    }
    for (int i = 0; i < lp_rows(lp); i++)
        check_row(read, lp, i);
    if (x) {
        must(lp_violation(lp, x) <= OBJECTIVE_DUST, "the plan is allowed by the model");
        must(is_equal(cost, objective, OBJECTIVE_DUST), "the plan costs what its model says");
    }
    glp_delete_prob(read);
    free(text);
}

/* ---- Programs from bytes ---- */

static void check_placement(struct bytes *bytes, const char *const *labels)
{
    struct made_problem made = take_placement(bytes);
    struct work work = {.max_kcells = 500, .max_pivots = 200, .max_nodes = 20};
    struct placement_solution solution;
    struct lp *lp;
    double *x;

    made.problem.labels = labels;
    must(placement_solve(&made.problem, &work, &solution) == 0, "a valid problem has an answer");
    if (solution.status != SOLVE_INFEASIBLE) {
        bool is_exact = made.problem.objective == PLACEMENT_DEVIATION;

        must(placement_compact_lp(&made.problem, &solution, &lp) == 0, "there is a model");
        x = calloc((size_t)lp_columns(lp) + 1, sizeof(*x));
        must(x && placement_compact_point(&made.problem, lp, solution.bin_of, x) == 0,
             "there is a point");
        if (lp_columns(lp) <= MOST_READ)
            check_text(lp, is_exact ? x : NULL, solution.objective);
        free(x);
        lp_free(lp);
    }
    placement_solution_done(&solution);
    made_problem_done(&made);
}

static void check_memory(struct bytes *bytes, const char *const *labels)
{
    struct memory_item items[MOST_GUESTS];
    struct memory_problem problem = take_memory(bytes, items);
    struct lp *lp;

    problem.labels = labels;
    if (memory_problem_check(&problem) < 0)
        return;
    must(memory_lp(&problem, NULL, &lp) == 0, "there is a model");
    check_text(lp, NULL, 0);
    lp_free(lp);
}

static double take_number(struct bytes *bytes)
{
    int kind = take_between(bytes, 0, 255);

    if (kind < 200)
        return kind - 100;
    return ((double)take(bytes, 4) - 0x1p31) * pow(10, kind - 228);
}

static void take_columns(struct bytes *bytes, struct lp *lp)
{
    int n = take_between(bytes, 1, MOST_COLUMNS);

    for (int j = 0; j < n; j++) {
        enum lp_kind kind = (enum lp_kind)take_between(bytes, 0, 2);
        int open = take_between(bytes, 0, 3);
        double lower = take_number(bytes), upper = lower + fabs(take_number(bytes));
        char *text = take_text(bytes, 0), name[NAME + 20];

        /* No two of one name; one that is no name at all is refused. */
        snprintf(name, sizeof(name), "%.*s", NAME, text);
        if (j > 0)
            snprintf(name, sizeof(name), "%.*s_%d", NAME, text, j);
        lp_add_column(lp, text[0] ? name : NULL, kind, open & 1 ? -INFINITY : lower,
                      open & 2 ? INFINITY : upper, take_number(bytes));
        free(text);
    }
}

static void check_raw(struct bytes *bytes, const char *const *labels)
{
    struct lp *lp = lp_new("fuzz");
    int n = take_between(bytes, 0, MOST_ROWS);

    must(lp, "there is memory");
    for (size_t i = 0; i < MOST_COMMENTS; i++)
        lp_add_comment(lp, "guest %s", labels[i]);
    take_columns(bytes, lp);
    for (int i = 0; i < n; i++) {
        int open = take_between(bytes, 0, 3);
        double lower = take_number(bytes), upper = lower + fabs(take_number(bytes));

        lp_add_row(lp, NULL, open & 1 ? -INFINITY : lower, open & 2 ? INFINITY : upper);
        for (int j = 0; lp_error(lp) == 0 && j < lp_columns(lp); j++) {
            if (take_between(bytes, 0, 1))
                lp_add_entry(lp, i, j, take_number(bytes));
        }
    }
    if (lp_error(lp) == 0)
        check_text(lp, NULL, 0);
    lp_free(lp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    int kind = take_between(&bytes, 0, KINDS - 1);
    const char *labels[MOST_ITEMS];
    char *texts[MOST_COMMENTS];

    for (size_t i = 0; i < MOST_COMMENTS; i++)
        texts[i] = take_text(&bytes, 0);
    for (size_t i = 0; i < MOST_ITEMS; i++)
        labels[i] = texts[i % MOST_COMMENTS];
    if (kind == RAW)
        check_raw(&bytes, labels);
    else if (kind == MEMORY)
        check_memory(&bytes, labels);
    else
        check_placement(&bytes, labels);
    for (size_t i = 0; i < MOST_COMMENTS; i++)
        free(texts[i]);
    return 0;
}
