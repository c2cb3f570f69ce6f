/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/plan_program.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static const double NEGATIVE = -1e-7;
enum { FIRST_LISTED = 1200, MORE_LISTED = 400 };

const struct pattern *plan_program_pattern(const struct plan_program *program, int k)
{
    return &program->search->patterns->patterns[program->kept[k]];
}

double plan_program_beyond(const struct plan_program *program, int window)
{
    const struct windows *windows = program->search->windows;

    if (window <= program->search->from)
        return 0;
    return (double)(windows->least[window] - windows->least[program->search->from]) /
           (double)program->in->balance->parts;
}

double plan_program_cost_units(const struct plan_program *program, int64_t objective)
{
    return (double)objective / (double)program->in->unit;
}

int plan_program_sort_out(struct plan_program *program, struct arena *arena)
{
    const struct plan_search *search = program->search;
    struct propagation *left = &program->left;

    *left = (struct propagation){.store = search->patterns,
                                 .chosen = search->chosen,
                                 .n_chosen = search->n_chosen,
                                 .excess = search->excess,
                                 .slack = search->slack};
    program->kept = arena_take(arena, (size_t)search->n_chosen, sizeof(int));
    program->item_row = arena_take(arena, (size_t)program->in->n, sizeof(int));
    program->bin_row = arena_take(arena, (size_t)program->in->m, sizeof(int));
    program->excess = arena_take(arena, (size_t)search->n_chosen, sizeof(int64_t));
    if (!program->kept || !program->excess || !program->item_row || !program->bin_row ||
        propagation_run(left, arena) < 0)
        return -ENOMEM;
    for (int i = 0; i < program->in->n; i++)
        program->item_row[i] = left->only_bin[i] < 0 ? program->n_rows++ : -1;
    for (int p = 0; p < program->in->m; p++)
        program->bin_row[p] = left->left[p] > 1 ? program->n_rows++ : -1;
    for (int k = 0; k < search->n_chosen && !left->impossible; k++) {
        const struct pattern *pattern = &search->patterns->patterns[search->chosen[k]];

        if (!left->alive[k])
            continue;
        if (program->bin_row[pattern->bin] >= 0) {
            program->excess[program->n_kept] = search->excess ? search->excess[k] : 0;
            program->kept[program->n_kept++] = search->chosen[k];
            continue;
        }
        program->base += (double)pattern->cost / program->in->price_scale;
        program->least_beyond =
            fmax(program->least_beyond, plan_program_beyond(program, pattern->window));
    }
    return 0;
}

/* An artificial column per row costs more than the whole question: it is gone from every plan that
 * matters. */
static int add_rows(struct plan_program *program, struct lp *lp)
{
    int r = 0;

    for (int k = 0; k < program->n_rows && r >= 0; k++) {
        r = lp_add_row(lp, NULL, 1, 1);
        if (r >= 0)
            r = lp_add_column(lp, NULL, LP_CONTINUOUS, 0, INFINITY, program->cutoff + 1);
        if (r >= 0)
            r = lp_add_entry(lp, k, k, 1);
    }
    for (int p = 0; program->spread && p < program->in->m && r >= 0; p++)
        r = lp_add_row(lp, NULL, 0, INFINITY);
    return r;
}

double plan_program_deviation_price(const struct plan_program *program)
{
    return (double)program->in->kappa * (double)program->in->balance->parts /
           (double)program->in->unit;
}

static int add_deviation(struct plan_program *program, struct lp *lp)
{
    const struct plan_search *search = program->search;
    double price = plan_program_deviation_price(program);
    int r = 0;

    program->deviation = program->n_rows;
    program->first_column = program->n_rows + program->spread;
    if (!program->spread)
        return 0;
    r = lp_add_column(lp, NULL, LP_CONTINUOUS, program->least_beyond,
                      plan_program_beyond(program, search->to), price);
    for (int p = 0; p < program->in->m && r >= 0; p++)
        r = lp_add_entry(lp, program->n_rows + p, program->deviation, 1);
    return r;
}

static int build(struct plan_program *program)
{
    struct lp *lp = lp_new("plans");
    int r = lp ? add_rows(program, lp) : -ENOMEM;

    if (r >= 0)
        r = add_deviation(program, lp);
    if (r >= 0)
        r = solver_new(lp, &program->solver);
    lp_free(lp);
    return r;
}

static double cost_of(const struct plan_program *program, const struct pattern *pattern)
{
    return (double)pattern->cost / program->in->price_scale;
}

/* The rows of a pattern's column; how many. rows and coefficients have room for n_items + 2. */
static size_t column_of(const struct plan_program *program, const struct pattern *pattern,
                        int *rows, double *coefficients)
{
    size_t n = 0;

    for (int k = 0; k < pattern->n_items; k++)
        if (program->item_row[pattern->items[k]] >= 0)
            rows[n++] = program->item_row[pattern->items[k]];
    rows[n++] = program->bin_row[pattern->bin];
    for (size_t k = 0; k < n; k++)
        coefficients[k] = 1;
    if (program->spread && pattern->window > program->search->from) {
        rows[n] = program->n_rows + pattern->bin;
        coefficients[n++] = -plan_program_beyond(program, pattern->window);
    }
    return n;
}

int plan_program_list(struct plan_program *program, int k)
{
    const struct pattern *pattern = plan_program_pattern(program, k);
    size_t n = column_of(program, pattern, program->rows, program->coefficients);
    int column = solver_add_column(program->solver, LP_BINARY, 0, 1, cost_of(program, pattern), n,
                                   program->rows, program->coefficients);

    if (column < 0)
        return column;
    program->is_listed[k] = true;
    program->listed[program->n_listed++] = k;
    return 0;
}

double plan_program_reduced_cost(const struct plan_program *program, int k)
{
    const struct pattern *pattern = plan_program_pattern(program, k);
    size_t n = column_of(program, pattern, program->rows, program->coefficients);
    double reduced = cost_of(program, pattern);

    for (size_t z = 0; z < n; z++)
        reduced -= program->coefficients[z] * solver_row_dual(program->solver, program->rows[z]);
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
static int list_least(struct plan_program *program, size_t n, size_t most)
{
    int r = 0;

    qsort(program->ranked, n, sizeof(*program->ranked), ascending);
    for (size_t z = 0; z < n && z < most && r >= 0; z++)
        r = plan_program_list(program, program->ranked[z].k);
    return r < 0 ? r : (int)(n < most ? n : most);
}

bool plan_program_in_plan(const struct plan_program *program, const struct pattern *pattern)
{
    const int *plan = program->search->plan;

    if (!plan || pattern->n_items != program->members[pattern->bin])
        return false;
    for (int k = 0; k < pattern->n_items; k++)
        if (plan[pattern->items[k]] != pattern->bin)
            return false;
    return true;
}

/* The known plan's patterns and the cheapest of the others. */
static int list_first(struct plan_program *program)
{
    size_t n = 0;
    int r = 0;

    for (int k = 0; k < program->n_kept && r >= 0; k++) {
        if (plan_program_in_plan(program, plan_program_pattern(program, k)))
            r = plan_program_list(program, k);
        else
            program->ranked[n++] = (struct ranked){(double)program->excess[k], k};
    }
    program->n_plan = program->n_listed;
    return r < 0 ? r : list_least(program, n, FIRST_LISTED);
}

/* The plan's patterns and artificials are a feasible basis. */
static int start(struct plan_program *program)
{
    int r = 0;

    for (int row = 0; row < program->n_rows && r >= 0; row++) {
        r = solver_set_row_basis(program->solver, row, SOLVER_FIXED);
        if (r >= 0)
            r = solver_set_column_basis(program->solver, row, SOLVER_BASIC);
    }
    for (int z = 0; z < program->n_plan && r >= 0; z++) {
        r = solver_set_column_basis(program->solver, program->first_column + z, SOLVER_BASIC);
        if (r >= 0)
            r = solver_set_column_basis(
                program->solver,
                program->bin_row[plan_program_pattern(program, program->listed[z])->bin],
                SOLVER_AT_LOWER);
    }
    return r;
}

/* The program over the listed patterns, then those of the others that could make it cheaper, until
 * there are none: the optimum over all. */
int plan_program_solve_root(struct plan_program *program, struct work *work,
                            enum solve_status *status)
{
    int r;

    do {
        size_t n = 0;

        r = solver_simplex(program->solver, work, status);
        if (r < 0 || *status != SOLVE_OPTIMAL)
            return r;
        for (int k = 0; k < program->n_kept; k++) {
            double reduced = program->is_listed[k] ? 0 : plan_program_reduced_cost(program, k);

            if (reduced < NEGATIVE)
                program->ranked[n++] = (struct ranked){reduced, k};
        }
        r = list_least(program, n, MORE_LISTED);
    } while (r > 0);
    return r;
}

static int take_lists(struct plan_program *program, struct arena *arena)
{
    const int *plan = program->search->plan;

    size_t n = (size_t)program->n_kept, items = (size_t)program->in->n + 2;

    program->members = arena_take(arena, (size_t)program->in->m, sizeof(int));
    program->listed = arena_take(arena, n, sizeof(int));
    program->is_listed = arena_take(arena, n, sizeof(bool));
    program->wanted = arena_take(arena, n, sizeof(int));
    program->ranked = arena_take(arena, n, sizeof(*program->ranked));
    program->rows = arena_take(arena, items, sizeof(int));
    program->coefficients = arena_take(arena, items, sizeof(double));
    if (!program->members || !program->listed || !program->is_listed || !program->wanted ||
        !program->ranked || !program->rows || !program->coefficients)
        return -ENOMEM;
    for (int i = 0; plan && i < program->in->n; i++)
        program->members[plan[i]]++;
    return 0;
}

int plan_program_open(struct plan_program *program, struct arena *arena)
{
    int r = take_lists(program, arena);

    if (r >= 0)
        r = build(program);
    if (r >= 0)
        r = list_first(program);
    return r < 0 ? r : start(program);
}
