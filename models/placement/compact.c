/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/compact.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/placement/compact_comments.h"
#include "models/placement/compact_groups.h"
#include "models/placement/compact_rules.h"
#include "models/placement/evaluate.h"
#include "models/placement/fair_share.h"

/* Loads, deviations and the objective count in percentage points. Columns come in this order, which
 * placement_compact_point() walks again: x_<v>_<p> by item and allowed bin, then
 *
 *   PLACEMENT_DEVIATION  dev
 *   PLACEMENT_VARIANCE   per bin up_<p>_1, up_<p>_2, ... and down_<p>_1, ...; the constant
 *
 * then, where overload costs something, full_<p> by bin, and for groups together_<group>_<p> by bin.
 * Rows: place_<v>; over_<p> and under_<p>, or load_<p>; hard rules (compact_rules.h); room_<p>;
 * apart_<group>_<p>.
 *
 * CPLEX LP text has no squares that glpsol or CBC would read. But loads are whole permille, so the
 * square is needed at whole permille only: between them it may be straight. Each up and down column
 * is one such step away from the load next to the target and costs what the square grows by there;
 * the steps grow dearer outwards, so they are taken in order and their sum is the square, exactly.
 * Steps end where the square alone exceeds the known plan; the last one is as long as it takes, and
 * understates a plan that is worse than the known one anyway. */
struct compact {
    const struct placement_problem *problem;
    struct balance balance;
    double limit; /* PLACEMENT_VARIANCE: objective of the known plan, or INFINITY */
    struct lp *lp;
};

/* ---- Squares in steps of a permille ---- */

static int64_t nearest_load(const struct balance *balance, int p)
{
    return (2 * balance->target[p] + balance->parts) / (2 * balance->parts);
}

static double square(const struct balance *balance, int p, int64_t load)
{
    double deviation = (double)balance_error(balance, p, load) / (10.0 * (double)balance->parts);

    return deviation * deviation;
}

/* From the nearest load in direction sign, at least one. */
static int64_t count_steps(const struct compact *compact, int p, int sign)
{
    const struct balance *balance = &compact->balance;
    int64_t base = nearest_load(balance, p), steps = 1;
    int64_t reach = sign > 0 ? balance->total - base : base - balance->background[p];

    while (steps < reach && square(balance, p, base + sign * steps) <= compact->limit)
        steps++;
    return steps;
}

/* What the square grows by in step k = 1, 2, ... */
static double step_cost(const struct balance *balance, int p, int sign, int64_t k)
{
    int64_t base = nearest_load(balance, p);

    return square(balance, p, base + sign * k) - square(balance, p, base + sign * (k - 1));
}

/* ---- Columns and rows ---- */

static int add_named_row(struct lp *lp, const char *name, size_t index, double lower, double upper)
{
    char text[40];

    snprintf(text, sizeof(text), "%s_%zu", name, index);
    return lp_add_row(lp, text, lower, upper);
}

/* One item: its columns and the row that places it once. */
static void add_item(struct compact *compact, size_t v)
{
    const struct placement_problem *problem = compact->problem;
    int row = add_named_row(compact->lp, "place", v, 1, 1);
    char name[60];

    for (size_t p = 0; p < problem->n_bins; p++) {
        int column;

        if (!placement_may_run(problem, v, p))
            continue;
        snprintf(name, sizeof(name), "x_%zu_%zu", v, p);
        column =
            lp_add_column(compact->lp, name, LP_BINARY, 0, 1,
                          problem->price[v * problem->n_bins + p] * placement_cost_unit(problem));
        lp_add_entry(compact->lp, row, column, 1);
    }
}

enum loads { LOADS_CUT, LOADS_UNCUT, LOADS_OF_DEVIATION };

/* What a point of load in this bin is in points of deviation: in smaller bins it is more. */
static double points_of_deviation(const struct balance *balance, int p)
{
    return 10.0 * (double)balance->parts * (double)balance->unit[p] / (double)balance->scale;
}

static double item_load(const struct balance *balance, enum loads loads, size_t v, int p)
{
    double points = (balance->weight[v] + (loads == LOADS_UNCUT ? balance->excess[v] : 0)) / 10.0;

    return loads == LOADS_OF_DEVIATION ? points * points_of_deviation(balance, p) : points;
}

/* The items' loads of all bins, into rows row_of_bin[p]. */
static void add_loads(struct compact *compact, enum loads loads, const int row_of_bin[])
{
    const struct balance *balance = &compact->balance;
    const struct placement_problem *problem = compact->problem;
    int column = 0;

    for (size_t v = 0; v < problem->n_items; v++) {
        for (int p = 0; p < balance->m; p++) {
            if (!placement_may_run(problem, v, (size_t)p))
                continue;
            if (balance->weight[v] > 0)
                lp_add_entry(compact->lp, row_of_bin[p], column, item_load(balance, loads, v, p));
            column++;
        }
    }
}

/* load - dev <= target and load + dev >= target, sense by sense, in points of deviation: GLPK lets a
 * row be off by a little, and were dev small in it, dev would be off by much. */
static void add_deviation(struct compact *compact, int row_of_bin[])
{
    const struct balance *balance = &compact->balance;
    int dev = lp_add_column(compact->lp, "dev", LP_CONTINUOUS, 0, INFINITY, 1);

    for (int sign = 1; sign >= -1; sign -= 2) {
        for (int p = 0; p < balance->m; p++) {
            double room = (double)balance->target[p] / (double)balance->scale -
                          balance->background[p] / 10.0 * points_of_deviation(balance, p);

            row_of_bin[p] = sign > 0
                                ? add_named_row(compact->lp, "over", (size_t)p, -INFINITY, room)
                                : add_named_row(compact->lp, "under", (size_t)p, room, INFINITY);
            lp_add_entry(compact->lp, row_of_bin[p], dev, -sign);
        }
        add_loads(compact, LOADS_OF_DEVIATION, row_of_bin);
    }
}

static void add_steps(struct compact *compact, int p, int row, int sign)
{
    int64_t steps = count_steps(compact, p, sign);
    char name[60];

    for (int64_t k = 1; k <= steps; k++) {
        double length = k < steps ? 0.1 : INFINITY;
        int column;

        snprintf(name, sizeof(name), "%s_%d_%lld", sign > 0 ? "up" : "down", p, (long long)k);
        column = lp_add_column(compact->lp, name, LP_CONTINUOUS, 0, length,
                               10 * step_cost(&compact->balance, p, sign, k));
        lp_add_entry(compact->lp, row, column, -sign);
    }
}

/* load - sum of up + sum of down = load next to the target. */
static void add_variance(struct compact *compact, int row_of_bin[])
{
    const struct balance *balance = &compact->balance;
    double constant = 0;

    for (int p = 0; p < balance->m; p++) {
        int64_t base = nearest_load(balance, p);
        double room = (double)(base - balance->background[p]) / 10.0;

        constant += square(balance, p, base);
        row_of_bin[p] = add_named_row(compact->lp, "load", (size_t)p, room, room);
        for (int sign = 1; sign >= -1; sign -= 2)
            add_steps(compact, p, row_of_bin[p], sign);
    }
    add_loads(compact, LOADS_CUT, row_of_bin);
    lp_add_constant(compact->lp, constant);
}

/* uncut load - full <= what the bin can hold beside its background. */
static void add_overload(struct compact *compact, int row_of_bin[])
{
    const struct placement_problem *problem = compact->problem;
    const struct balance *balance = &compact->balance;
    char name[40];

    for (int p = 0; p < balance->m; p++) {
        double room = (balance->spare[p] - balance->background[p]) / 10.0;
        int column;

        snprintf(name, sizeof(name), "full_%d", p);
        column = lp_add_column(compact->lp, name, LP_CONTINUOUS, 0, INFINITY,
                               10 * problem->overload_cost * placement_cost_unit(problem));
        row_of_bin[p] = add_named_row(compact->lp, "room", (size_t)p, -INFINITY, room);
        lp_add_entry(compact->lp, row_of_bin[p], column, -1);
    }
    add_loads(compact, LOADS_UNCUT, row_of_bin);
}

/* ---- The contract ---- */

static int known_objective(const struct placement_problem *problem,
                           const struct placement_solution *solution, double *ret)
{
    struct placement_value hold;
    int r = 0;

    *ret = INFINITY;
    if (solution && solution->bin_of)
        *ret = solution->objective;
    else if ((r = placement_evaluate(problem, problem->current, &hold)) == 0 &&
             hold.violations == 0)
        *ret = hold.objective;
    return r;
}

static int build(struct compact *compact, const struct placement_solution *solution)
{
    const struct placement_problem *problem = compact->problem;
    int *row_of_bin = arena_take(&compact->balance.arena, problem->n_bins, sizeof(*row_of_bin));

    if (!row_of_bin)
        return -ENOMEM;
    compact_comments(&compact->balance, solution, compact->lp);
    for (size_t v = 0; v < problem->n_items; v++)
        add_item(compact, v);
    if (problem->objective == PLACEMENT_DEVIATION)
        add_deviation(compact, row_of_bin);
    else
        add_variance(compact, row_of_bin);
    if (compact_rules_add(problem, compact->lp) < 0)
        return -ENOMEM;
    if (compact->balance.has_overload)
        add_overload(compact, row_of_bin);
    if (compact_groups_add(&compact->balance, compact->lp) < 0)
        return -ENOMEM;
    return lp_error(compact->lp);
}

/* Columns for the loads' price. */
static size_t count_load_columns(const struct compact *compact)
{
    size_t n = 1; /* the deviation, or the constant */

    for (int p = 0; compact->problem->objective == PLACEMENT_VARIANCE && p < compact->balance.m;
         p++)
        n += (size_t)(count_steps(compact, p, 1) + count_steps(compact, p, -1));
    return n;
}

int placement_compact_columns(const struct placement_problem *problem,
                              const struct placement_solution *solution, size_t *ret)
{
    struct compact compact = {.problem = problem};
    int r = balance_new(problem, &compact.balance);

    if (r < 0)
        return r;
    r = known_objective(problem, solution, &compact.limit);
    if (r == 0) {
        *ret = count_load_columns(&compact);
        *ret += compact.balance.has_overload ? problem->n_bins : 0;
        *ret += compact_groups_columns(&compact.balance);
        for (size_t v = 0; v < problem->n_items; v++)
            for (size_t p = 0; p < problem->n_bins; p++)
                *ret += placement_may_run(problem, v, p);
    }
    balance_done(&compact.balance);
    return r;
}

int placement_compact_lp(const struct placement_problem *problem,
                         const struct placement_solution *solution, struct lp **ret)
{
    struct compact compact = {.problem = problem};
    int r = balance_new(problem, &compact.balance);

    if (r < 0)
        return r;
    compact.lp = lp_new("vcpu_placement");
    r = known_objective(problem, solution, &compact.limit);
    if (r == 0)
        r = build(&compact, solution);
    balance_done(&compact.balance);
    if (r < 0) {
        lp_free(compact.lp);
        return r;
    }
    *ret = compact.lp;
    return 0;
}

/* Spreads this many points over the steps that begin at column; returns the column after the last,
 * which is the endless one. */
static int fill_steps(const struct lp *lp, int column, double points, double *x)
{
    double length;

    do {
        length = lp_column(lp, column)->upper;
        x[column] = fmin(points, length);
        points -= x[column++];
    } while (isfinite(length));
    return column;
}

/* Returns the column after the last, as the next ones do. */
static int fill_variance(const struct balance *balance, const struct lp *lp, const int64_t *load,
                         int column, double *x)
{
    for (int p = 0; p < balance->m; p++) {
        double above = (double)(load[p] - nearest_load(balance, p)) / 10;

        column = fill_steps(lp, column, fmax(0, above), x);
        column = fill_steps(lp, column, fmax(0, -above), x);
    }
    x[column] = 1; /* the constant */
    return column + 1;
}

static int fill_deviation(const struct balance *balance, const int64_t *load, int column, double *x)
{
    int64_t worst = 0;

    for (int p = 0; p < balance->m; p++)
        worst = max64(worst, balance_deviation(balance, p, load[p]));
    x[column] = (double)worst / (double)balance->scale;
    return column + 1;
}

static int fill_loads(const struct placement_problem *problem, const struct lp *lp,
                      const int *bin_of, int column, double *x)
{
    struct balance balance;
    int64_t *load, *excess;
    int r = balance_new(problem, &balance);

    if (r < 0)
        return r;
    load = arena_take(&balance.arena, problem->n_bins, sizeof(*load));
    excess = arena_take(&balance.arena, problem->n_bins, sizeof(*excess));
    r = load && excess ? 0 : -ENOMEM;
    if (r < 0)
        goto out;
    balance_loads(&balance, bin_of, load);
    balance_excesses(&balance, bin_of, excess);
    column = problem->objective == PLACEMENT_VARIANCE ? fill_variance(&balance, lp, load, column, x)
                                                      : fill_deviation(&balance, load, column, x);
    for (int p = 0; p < balance.m && balance.has_overload; p++)
        x[column++] = (double)balance_overload(&balance, p, load[p], excess[p]) / 10;
    compact_groups_point(&balance, bin_of, x + column);
out:
    balance_done(&balance);
    return r;
}

int placement_compact_point(const struct placement_problem *problem, const struct lp *lp,
                            const int *bin_of, double *x)
{
    int column = 0;

    for (size_t v = 0; v < problem->n_items; v++) {
        for (size_t p = 0; p < problem->n_bins; p++) {
            if (placement_may_run(problem, v, p))
                x[column++] = bin_of[v] == (int)p;
        }
    }
    return fill_loads(problem, lp, bin_of, column, x);
}
