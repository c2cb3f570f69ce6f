/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/plan_program.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static const double NEGATIVE = -1e-7;
enum { FIRST_LISTED = 1200, MORE_LISTED = 400 };

const struct pattern *program_pattern(const struct plan_program *q, int k)
{
    return &q->search->patterns->patterns[q->kept[k]];
}

double program_beyond(const struct plan_program *q, int window)
{
    const struct windows *windows = q->search->windows;

    if (window <= q->search->from)
        return 0;
    return (double)(windows->least[window] - windows->least[q->search->from]) /
           (double)q->in->balance->parts;
}

double program_cost_units(const struct plan_program *q, int64_t objective)
{
    return (double)objective / (double)q->in->unit;
}

int program_sort_out(struct plan_program *q, struct arena *arena)
{
    const struct plan_search *search = q->search;
    struct propagation *left = &q->left;

    *left = (struct propagation){.store = search->patterns,
                                 .chosen = search->chosen,
                                 .n_chosen = search->n_chosen,
                                 .excess = search->excess,
                                 .slack = search->slack};
    q->kept = arena_take(arena, (size_t)search->n_chosen, sizeof(int));
    q->item_row = arena_take(arena, (size_t)q->in->n, sizeof(int));
    q->bin_row = arena_take(arena, (size_t)q->in->m, sizeof(int));
    q->excess = arena_take(arena, (size_t)search->n_chosen, sizeof(int64_t));
    if (!q->kept || !q->excess || !q->item_row || !q->bin_row || propagate(left, arena) < 0)
        return -ENOMEM;
    for (int i = 0; i < q->in->n; i++)
        q->item_row[i] = left->only_bin[i] < 0 ? q->n_rows++ : -1;
    for (int p = 0; p < q->in->m; p++)
        q->bin_row[p] = left->left[p] > 1 ? q->n_rows++ : -1;
    for (int k = 0; k < search->n_chosen && !left->impossible; k++) {
        const struct pattern *pattern = &search->patterns->patterns[search->chosen[k]];

        if (!left->alive[k])
            continue;
        if (q->bin_row[pattern->bin] >= 0) {
            q->excess[q->n_kept] = search->excess ? search->excess[k] : 0;
            q->kept[q->n_kept++] = search->chosen[k];
            continue;
        }
        q->base += (double)pattern->cost / q->in->price_scale;
        q->least_beyond = fmax(q->least_beyond, program_beyond(q, pattern->window));
    }
    return 0;
}

/* An artificial column per row costs more than the whole question: it is gone from every plan that
 * matters. */
static int add_rows(struct plan_program *q, struct lp *lp)
{
    int r = 0;

    for (int k = 0; k < q->n_rows && r >= 0; k++) {
        r = lp_add_row(lp, NULL, 1, 1);
        if (r >= 0)
            r = lp_add_column(lp, NULL, LP_CONTINUOUS, 0, INFINITY, q->cutoff + 1);
        if (r >= 0)
            r = lp_add_entry(lp, k, k, 1);
    }
    for (int p = 0; q->spread && p < q->in->m && r >= 0; p++)
        r = lp_add_row(lp, NULL, 0, INFINITY);
    return r;
}

static int add_deviation(struct plan_program *q, struct lp *lp)
{
    const struct plan_search *search = q->search;
    double price = (double)q->in->kappa * (double)q->in->balance->parts / (double)q->in->unit;
    int r = 0;

    q->deviation = q->n_rows;
    q->first_column = q->n_rows + q->spread;
    if (!q->spread)
        return 0;
    r = lp_add_column(lp, NULL, LP_CONTINUOUS, q->least_beyond, program_beyond(q, search->to),
                      price);
    for (int p = 0; p < q->in->m && r >= 0; p++)
        r = lp_add_entry(lp, q->n_rows + p, q->deviation, 1);
    return r;
}

static int build(struct plan_program *q)
{
    struct lp *lp = lp_new("plans");
    int r = lp ? add_rows(q, lp) : -ENOMEM;

    if (r >= 0)
        r = add_deviation(q, lp);
    if (r >= 0)
        r = solver_new(lp, &q->solver);
    lp_free(lp);
    return r;
}

static double cost_of(const struct plan_program *q, const struct pattern *pattern)
{
    return (double)pattern->cost / q->in->price_scale;
}

/* The rows of a pattern's column; how many. rows and coefficients have room for n_items + 2. */
static size_t column_of(const struct plan_program *q, const struct pattern *pattern, int *rows,
                        double *coefficients)
{
    size_t n = 0;

    for (int k = 0; k < pattern->n_items; k++)
        if (q->item_row[pattern->items[k]] >= 0)
            rows[n++] = q->item_row[pattern->items[k]];
    rows[n++] = q->bin_row[pattern->bin];
    for (size_t k = 0; k < n; k++)
        coefficients[k] = 1;
    if (q->spread && pattern->window > q->search->from) {
        rows[n] = q->n_rows + pattern->bin;
        coefficients[n++] = -program_beyond(q, pattern->window);
    }
    return n;
}

int program_list(struct plan_program *q, int k)
{
    const struct pattern *pattern = program_pattern(q, k);
    size_t n = column_of(q, pattern, q->rows, q->coefficients);
    int column = solver_add_column(q->solver, LP_BINARY, 0, 1, cost_of(q, pattern), n, q->rows,
                                   q->coefficients);

    if (column < 0)
        return column;
    q->is_listed[k] = true;
    q->listed[q->n_listed++] = k;
    return 0;
}

double program_reduced_cost(const struct plan_program *q, int k)
{
    const struct pattern *pattern = program_pattern(q, k);
    size_t n = column_of(q, pattern, q->rows, q->coefficients);
    double reduced = cost_of(q, pattern);

    for (size_t z = 0; z < n; z++)
        reduced -= q->coefficients[z] * solver_row_dual(q->solver, q->rows[z]);
    return reduced;
}

static int ascending(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->k - y->k;
}

/* Lists the patterns with the least keys, at most so many. How many, or a negative errno. */
static int list_least(struct plan_program *q, size_t n, size_t most)
{
    int r = 0;

    qsort(q->ranked, n, sizeof(*q->ranked), ascending);
    for (size_t z = 0; z < n && z < most && r >= 0; z++)
        r = program_list(q, q->ranked[z].k);
    return r < 0 ? r : (int)(n < most ? n : most);
}

bool program_in_plan(const struct plan_program *q, const struct pattern *pattern)
{
    const int *plan = q->search->plan;

    if (!plan || pattern->n_items != q->members[pattern->bin])
        return false;
    for (int k = 0; k < pattern->n_items; k++)
        if (plan[pattern->items[k]] != pattern->bin)
            return false;
    return true;
}

/* The known plan's patterns and the cheapest of the others. */
static int list_first(struct plan_program *q)
{
    size_t n = 0;
    int r = 0;

    for (int k = 0; k < q->n_kept && r >= 0; k++) {
        if (program_in_plan(q, program_pattern(q, k)))
            r = program_list(q, k);
        else
            q->ranked[n++] = (struct ranked){(double)q->excess[k], k};
    }
    q->n_plan = q->n_listed;
    return r < 0 ? r : list_least(q, n, FIRST_LISTED);
}

/* The plan's patterns and artificials are a feasible basis. */
static int start(struct plan_program *q)
{
    int r = 0;

    for (int row = 0; row < q->n_rows && r >= 0; row++) {
        r = solver_set_row_basis(q->solver, row, SOLVER_FIXED);
        if (r >= 0)
            r = solver_set_column_basis(q->solver, row, SOLVER_BASIC);
    }
    for (int z = 0; z < q->n_plan && r >= 0; z++) {
        r = solver_set_column_basis(q->solver, q->first_column + z, SOLVER_BASIC);
        if (r >= 0)
            r = solver_set_column_basis(
                q->solver, q->bin_row[program_pattern(q, q->listed[z])->bin], SOLVER_AT_LOWER);
    }
    return r;
}

/* The program over the listed patterns, then those of the others that could make it cheaper, until
 * there are none: the optimum over all. */
int program_solve_root(struct plan_program *q, struct work *work, enum solve_status *status)
{
    int r;

    do {
        size_t n = 0;

        r = solver_simplex(q->solver, work, status);
        if (r < 0 || *status != SOLVE_OPTIMAL)
            return r;
        for (int k = 0; k < q->n_kept; k++) {
            double reduced = q->is_listed[k] ? 0 : program_reduced_cost(q, k);

            if (reduced < NEGATIVE)
                q->ranked[n++] = (struct ranked){reduced, k};
        }
        r = list_least(q, n, MORE_LISTED);
    } while (r > 0);
    return r;
}

static int take_lists(struct plan_program *q, struct arena *arena)
{
    const int *plan = q->search->plan;

    size_t n = (size_t)q->n_kept, items = (size_t)q->in->n + 2;

    q->members = arena_take(arena, (size_t)q->in->m, sizeof(int));
    q->listed = arena_take(arena, n, sizeof(int));
    q->is_listed = arena_take(arena, n, sizeof(bool));
    q->wanted = arena_take(arena, n, sizeof(int));
    q->ranked = arena_take(arena, n, sizeof(*q->ranked));
    q->rows = arena_take(arena, items, sizeof(int));
    q->coefficients = arena_take(arena, items, sizeof(double));
    if (!q->members || !q->listed || !q->is_listed || !q->wanted || !q->ranked || !q->rows ||
        !q->coefficients)
        return -ENOMEM;
    for (int i = 0; plan && i < q->in->n; i++)
        q->members[plan[i]]++;
    return 0;
}

int program_open(struct plan_program *q, struct arena *arena)
{
    int r = take_lists(q, arena);

    if (r >= 0)
        r = build(q);
    if (r >= 0)
        r = list_first(q);
    return r < 0 ? r : start(q);
}
