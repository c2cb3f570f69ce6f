/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/master.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* An artificial vCPU costs more than any move, an artificial bin more than its vCPUs. */
enum { ARTIFICIAL_FACTOR = 3, ARTIFICIAL_BIN_FACTOR = 12 };

static double artificial_cost(const struct master *master, int row)
{
    const struct instance *in = master->windows->in;
    double charge = (double)instance_charge(in, master->windows->most[0]) / in->price_scale;

    return (row < in->n ? ARTIFICIAL_FACTOR : ARTIFICIAL_BIN_FACTOR) * (in->max_price + 1.0) +
           (in->problem->objective == PLACEMENT_VARIANCE ? charge : 0);
}

static int build(struct master *master, struct lp *lp)
{
    const struct instance *in = master->windows->in;
    int r = 0;

    for (int row = 0; row < in->n + in->m && r >= 0; row++)
        r = lp_add_row(lp, NULL, 1, 1);
    for (int row = 0; row < in->n + in->m && r >= 0; row++) {
        r = lp_add_column(lp, NULL, LP_CONTINUOUS, 0, INFINITY, artificial_cost(master, row));
        if (r >= 0)
            r = lp_add_entry(lp, row, row, 1);
    }
    return r < 0 ? r : solver_new(lp, &master->solver);
}

int master_new(const struct windows *windows, struct work *work, struct master *ret)
{
    struct master master = {.windows = windows, .work = work, .target = windows->n - 1};
    struct lp *lp = lp_new("master");
    int r = lp ? patterns_new(windows, &master.patterns) : -ENOMEM;

    if (r == 0)
        r = build(&master, lp);
    lp_free(lp);
    if (r < 0) {
        master_done(&master);
        return r;
    }
    *ret = master;
    return 0;
}

void master_done(struct master *master)
{
    solver_free(master->solver);
    patterns_done(&master->patterns);
    master->solver = NULL;
}

static int first_column(const struct master *master)
{
    return master->windows->in->n + master->windows->in->m;
}

static double upper_of(const struct master *master, const struct pattern *pattern)
{
    return pattern->window <= master->target ? INFINITY : 0;
}

static int add_column(struct master *master, const struct pattern *pattern)
{
    const struct instance *in = master->windows->in;
    size_t n = (size_t)pattern->n_items;
    int *rows = malloc((n + 1) * sizeof(*rows));
    double *ones = malloc((n + 1) * sizeof(*ones));
    int r = -ENOMEM;

    if (rows && ones) {
        for (size_t k = 0; k <= n; k++) {
            rows[k] = k < n ? pattern->items[k] : in->n + pattern->bin;
            ones[k] = 1;
        }
        r = solver_add_column(master->solver, LP_CONTINUOUS, 0, upper_of(master, pattern),
                              (double)pattern->cost / in->price_scale, n + 1, rows, ones);
    }
    free(rows);
    free(ones);
    return r < 0 ? r : 1;
}

/* Pattern k is column first + k also when somebody else has put patterns into the store. */
static int catch_up(struct master *master)
{
    int r = 0;

    for (int k = solver_columns(master->solver) - first_column(master);
         k < master->patterns.n && r >= 0; k++)
        r = add_column(master, &master->patterns.patterns[k]);
    return r;
}

int master_add(struct master *master, int bin, const int *items, int n_items)
{
    int k = patterns_add(&master->patterns, bin, items, n_items);

    if (k == -EEXIST)
        return 0;
    return k < 0 ? k : catch_up(master);
}

int master_start(struct master *master, const int *bin_of)
{
    const struct instance *in = master->windows->in;
    struct pattern_store *patterns = &master->patterns;
    int r, *plan = malloc((size_t)in->m * sizeof(*plan));

    r = plan ? patterns_add_plan(patterns, bin_of, plan) : -ENOMEM;
    if (r >= 0)
        r = catch_up(master);
    for (int row = 0; row < in->n + in->m && r >= 0; row++) {
        r = solver_set_row_basis(master->solver, row, SOLVER_FIXED);
        if (r >= 0)
            r = solver_set_column_basis(master->solver, row,
                                        row < in->n ? SOLVER_BASIC : SOLVER_AT_LOWER);
    }
    for (int p = 0; p < in->m && r >= 0; p++)
        r = solver_set_column_basis(master->solver, first_column(master) + plan[p], SOLVER_BASIC);
    free(plan);
    return r < 0 ? r : 0;
}

int master_aim(struct master *master, int target)
{
    int before = master->target, r = catch_up(master);

    master->target = target;
    for (int k = 0; k < master->patterns.n && r >= 0; k++) {
        int window = master->patterns.patterns[k].window;

        if ((window <= before) != (window <= target))
            r = solver_set_column_bounds(master->solver, first_column(master) + k, 0,
                                         upper_of(master, &master->patterns.patterns[k]));
    }
    return r;
}

int master_solve(struct master *master, enum solve_status *ret)
{
    return solver_simplex(master->solver, master->work, ret);
}

double master_value(const struct master *master)
{
    return solver_objective(master->solver);
}

void master_prices(const struct master *master, int *ret)
{
    const struct instance *in = master->windows->in;

    for (int i = 0; i < in->n; i++)
        ret[i] = (int)lrint(solver_row_dual(master->solver, i) * in->price_scale);
}

double master_reduced_cost(const struct master *master, const struct pattern *pattern)
{
    const struct instance *in = master->windows->in;
    double cost =
        (double)patterns_cost(in, pattern->bin, pattern->items, pattern->n_items) / in->price_scale;

    cost -= solver_row_dual(master->solver, in->n + pattern->bin);
    for (int k = 0; k < pattern->n_items; k++)
        cost -= solver_row_dual(master->solver, pattern->items[k]);
    return cost;
}

void master_weigh(struct master *master)
{
    for (int k = 0; k < master->patterns.n; k++)
        master->patterns.patterns[k].weight =
            solver_value(master->solver, first_column(master) + k);
}
