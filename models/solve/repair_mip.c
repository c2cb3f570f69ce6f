/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/repair_mip.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/lp/lp.h"
#include "models/lp/solver.h"

static const double CUTOFF_SLACK = 0.5, WHOLE = 0.5;
/* Demands in points: GLPK likes coefficients around 1. A Lagrangian row gives way by this much. */
static const double POINT = 10, LAG_SLACK = 1e-6;

/* Columns: leave[i] (vCPUs with a home), go[i * m + p] (everywhere allowed but home), deviation
 * beyond the narrowest open window in points. */
struct model {
    const struct repair_mip *how;
    const struct instance *in;
    const struct windows *windows;
    int from, to;    /* open windows */
    int *leave, *go; /* column indices, -1: none */
    int deviation;
    struct lp *lp;
    struct solver *solver;
    struct evaluation ev; /* of the weakest window's prices */
    int *prices;
    struct arena arena;
};

int64_t repair_mip_columns(const struct instance *in)
{
    int64_t columns = in->n - in->n_floating;

    for (int64_t k = 0; k < (int64_t)in->n * in->m; k++)
        columns += in->price[k] != INSTANCE_FORBIDDEN;
    return columns;
}

static int add_columns(struct model *model)
{
    const struct instance *in = model->in;
    double points = (double)(model->windows->most[model->to] - model->windows->least[model->from]) /
                    (10.0 * (double)in->balance->parts);
    int r = 0;

    for (int i = 0; i < in->n && r >= 0; i++) {
        model->leave[i] = -1;
        if (in->home[i] >= 0)
            r = model->leave[i] = lp_add_column(model->lp, NULL, LP_BINARY, 0, 1, 0);
        for (int p = 0; p < in->m && r >= 0; p++) {
            int price = instance_price(in, i, p), *go = &model->go[(int64_t)i * in->m + p];

            *go = -1;
            if (price != INSTANCE_FORBIDDEN && p != in->home[i])
                r = *go = lp_add_column(model->lp, NULL, LP_BINARY, 0, 1, price);
        }
    }
    if (r >= 0)
        r = model->deviation =
            lp_add_column(model->lp, NULL, LP_CONTINUOUS, 0, points, (double)in->kappa);
    return r;
}

/* Whoever leaves goes somewhere; whoever floats goes anyway. */
static int add_assignment(struct model *model, int i)
{
    const struct instance *in = model->in;
    double floats = in->home[i] < 0;
    int row = lp_add_row(model->lp, NULL, floats, floats), r = row;

    for (int p = 0; p < in->m && r >= 0; p++)
        if (model->go[(int64_t)i * in->m + p] >= 0)
            r = lp_add_entry(model->lp, row, model->go[(int64_t)i * in->m + p], 1);
    if (r >= 0 && model->leave[i] >= 0)
        r = lp_add_entry(model->lp, row, model->leave[i], -1);
    return r;
}

/* A row over one bin's traffic: a coefficient for each vCPU that leaves or enters p, and the
 * deviation's. */
struct traffic {
    int p;
    double lower, upper, deviation;
    double (*leaving)(const struct model *model, int i);
    double (*entering)(const struct model *model, int i, int p);
};

static int add_traffic(struct model *model, const struct traffic *traffic)
{
    const struct instance *in = model->in;
    int row = lp_add_row(model->lp, NULL, traffic->lower, traffic->upper), r = row;

    for (int i = 0; i < in->n && r >= 0; i++) {
        bool own = in->home[i] == traffic->p;
        int column = own ? model->leave[i] : model->go[(int64_t)i * in->m + traffic->p];
        double coefficient;

        if (column < 0)
            continue;
        coefficient = own ? traffic->leaving(model, i) : traffic->entering(model, i, traffic->p);
        if (coefficient != 0)
            r = lp_add_entry(model->lp, row, column, coefficient);
    }
    if (r >= 0 && traffic->deviation != 0)
        r = lp_add_entry(model->lp, row, model->deviation, traffic->deviation);
    return r;
}

static double weight_leaves(const struct model *model, int i)
{
    return -model->in->weight[i] / POINT;
}

static double weight_enters(const struct model *model, int i, int p)
{
    (void)p;
    return model->in->weight[i] / POINT;
}

static double price_leaves(const struct model *model, int i)
{
    return (double)model->prices[i] / model->in->price_scale;
}

static double price_enters(const struct model *model, int i, int p)
{
    return instance_price(model->in, i, p) - price_leaves(model, i);
}

static double one_leaves(const struct model *model, int i)
{
    (void)model;
    (void)i;
    return 1;
}

static double none_leaves(const struct model *model, int i)
{
    (void)model;
    (void)i;
    return 0;
}

static double one_enters(const struct model *model, int i, int p)
{
    (void)model;
    (void)i;
    (void)p;
    return 1;
}

static double none_enters(const struct model *model, int i, int p)
{
    (void)model;
    (void)i;
    (void)p;
    return 0;
}

static int own_weight(const struct instance *in, int p)
{
    int sum = 0;

    for (int k = in->own_first[p]; k < in->own_first[p + 1]; k++)
        sum += in->weight[in->own[k]];
    return sum;
}

static int add_loads(struct model *model, int p)
{
    const struct balance *balance = model->in->balance;
    int64_t load = own_weight(model->in, p) + balance->background[p];
    double error = (double)balance_error(balance, p, load) / (10.0 * (double)balance->parts);
    double width = (double)model->windows->least[model->from] / (10.0 * (double)balance->parts);
    struct traffic above = {p, -INFINITY, width - error, -1, weight_leaves, weight_enters};
    struct traffic below = {p, -width - error, INFINITY, 1, weight_leaves, weight_enters};
    int r = add_traffic(model, &above);

    return r < 0 ? r : add_traffic(model, &below);
}

/* The bin's least value as a line in D that is below all windows' values: it touches the weakest
 * window's from the right. */
static int add_lagrangian(struct model *model, int p)
{
    const struct windows *windows = model->windows;
    const int32_t *value = model->ev.bin_value + (int64_t)p * (model->how->pricing->top + 1);
    int scale = model->in->price_scale, at = model->ev.target;
    double per_point = 10.0 * (double)model->in->balance->parts, slope = 0, start = INFINITY;
    struct traffic lag = {p, 0, INFINITY, 0, price_leaves, price_enters};

    for (int t = at + 1; t <= model->to; t++) {
        double wider = (double)(windows->least[t] - windows->least[at]) / per_point;
        slope = fmax(slope, (double)(value[at] - value[t]) / scale / wider);
    }
    for (int t = model->from; t <= model->to; t++) {
        double beyond = (double)(windows->least[t] - windows->least[model->from]) / per_point;
        start = fmin(start, (double)value[t] / scale + slope * beyond);
    }
    lag.lower = start - LAG_SLACK;
    lag.deviation = slope;
    return add_traffic(model, &lag);
}

static int heaviest_first(const void *a, const void *b)
{
    return *(const int *)b - *(const int *)a;
}

/* How many of these weights are needed at least to sum up to so much; -1: all are not enough. */
static int least_count(int *weights, int n, int sum)
{
    int count = 0;

    qsort(weights, (size_t)n, sizeof(*weights), heaviest_first);
    while (count < n && sum > 0)
        sum -= weights[count++];
    return sum > 0 ? -1 : count;
}

static int add_cardinality(struct model *model, int p, int *weights)
{
    const struct instance *in = model->in;
    int own = own_weight(in, p), n_own = 0, n_others = 0, leave, enter, r = 0;

    for (int i = 0; i < in->n; i++)
        if (in->home[i] == p)
            weights[n_own++] = in->weight[i];
    leave = least_count(weights, n_own, own - windows_high(model->windows, p, model->to));
    for (int i = 0; i < in->n; i++)
        if (model->go[(int64_t)i * in->m + p] >= 0)
            weights[n_others++] = in->weight[i];
    enter = least_count(weights, n_others, windows_low(model->windows, p, model->to) - own);
    if (leave > 0)
        r = add_traffic(model, &(struct traffic){p, leave, INFINITY, 0, one_leaves, none_enters});
    if (enter > 0 && r >= 0)
        r = add_traffic(model, &(struct traffic){p, enter, INFINITY, 0, none_leaves, one_enters});
    return r;
}

/* What each bin costs at least in each window, by the weakest window's best prices. */
static int price_bins(struct model *model)
{
    struct pricing *pricing = model->how->pricing;
    const struct bounds *bounds = model->how->bounds;
    int target = bounds_weakest(bounds), who = bounds->who[target];
    size_t windows = (size_t)pricing->top + 1;

    model->ev.target = target;
    model->ev.bound = arena_take(&model->arena, windows, sizeof(int64_t));
    model->ev.bin_value =
        arena_take(&model->arena, windows * (size_t)model->in->m, sizeof(int32_t));
    model->prices = arena_take(&model->arena, (size_t)model->in->n, sizeof(int));
    if (!model->ev.bound || !model->ev.bin_value || !model->prices)
        return -ENOMEM;
    if (who >= 0)
        memcpy(model->prices, bounds->prices[who], (size_t)model->in->n * sizeof(int));
    pricing_evaluate(pricing, model->prices, &model->ev);
    return 0;
}

static int build(struct model *model)
{
    int *weights = arena_take(&model->arena, (size_t)model->in->n, sizeof(int));
    int r = weights ? price_bins(model) : -ENOMEM;

    if (r >= 0)
        r = add_columns(model);
    for (int i = 0; i < model->in->n && r >= 0; i++)
        r = add_assignment(model, i);
    for (int p = 0; p < model->in->m && r >= 0; p++) {
        r = add_loads(model, p);
        if (r >= 0)
            r = add_lagrangian(model, p);
        if (r >= 0)
            r = add_cardinality(model, p, weights);
    }
    return r < 0 ? r : solver_new(model->lp, &model->solver);
}

static void fill_point(const struct model *model, double *point)
{
    const struct assignment *best = &model->how->search->best;
    int64_t worst = 0;

    for (int i = 0; i < model->in->n; i++) {
        int p = best->bin[i];

        if (p == model->in->home[i])
            continue;
        point[model->go[(int64_t)i * model->in->m + p]] = 1;
        if (model->leave[i] >= 0)
            point[model->leave[i]] = 1;
    }
    for (int p = 0; p < model->in->m; p++)
        if (distance(best->error[p]) > worst)
            worst = distance(best->error[p]);
    worst -= model->windows->least[model->from];
    point[model->deviation] =
        worst > 0 ? (double)worst / (10.0 * (double)model->in->balance->parts) : 0;
}

static void read_plan(const struct model *model, int *plan)
{
    for (int i = 0; i < model->in->n; i++) {
        plan[i] = model->in->home[i];
        for (int p = 0; p < model->in->m; p++) {
            int column = model->go[(int64_t)i * model->in->m + p];

            if (column >= 0 && solver_value(model->solver, column) > WHOLE)
                plan[i] = p;
        }
    }
}

static void close_windows(const struct model *model)
{
    struct bounds *bounds = model->how->bounds;
    int64_t objective = model->how->search->best_objective - 1;

    for (int t = 0; t <= bounds->top; t++)
        bounds_raise(bounds, t, windows_budget(bounds->windows, t, objective) + 1);
}

static int solve(struct model *model)
{
    struct local_search *search = model->how->search;
    double *point = arena_take(&model->arena, (size_t)lp_columns(model->lp), sizeof(*point));
    int *plan = arena_take(&model->arena, (size_t)model->in->n, sizeof(*plan)), r;
    struct solver_branching how = {.incumbent = point,
                                   .max_nodes = model->how->max_nodes,
                                   .mir_cuts = true,
                                   .gomory_cuts = true,
                                   .has_cutoff = true};
    enum solve_status status;

    if (!point || !plan)
        return -ENOMEM;
    fill_point(model, point);
    if (lp_violation(model->lp, point) > LAG_SLACK)
        how.incumbent = NULL; /* wider than all open windows */
    how.cutoff = ((double)search->best_objective - CUTOFF_SLACK -
                  (double)(model->in->kappa * model->windows->least[model->from])) /
                 (double)model->in->unit;
    r = solver_branch(model->solver, &how, search->work, &status);
    if (r < 0)
        return r;
    if (status == SOLVE_OPTIMAL || status == SOLVE_FEASIBLE) {
        read_plan(model, plan);
        local_search_adopt(search, plan);
    }
    if (status == SOLVE_OPTIMAL || status == SOLVE_INFEASIBLE ||
        solver_bound(model->solver) > how.cutoff)
        close_windows(model);
    return 0;
}

int repair_mip(const struct repair_mip *how)
{
    const struct instance *in = how->pricing->in;
    struct model model = {.how = how, .in = in, .windows = how->bounds->windows};
    int r = -ENOMEM;

    if (in->problem->objective != PLACEMENT_DEVIATION)
        return 0;
    model.to = how->pricing->top = bounds_trim(how->bounds, how->search->best_objective);
    model.lp = lp_new("repair");
    model.leave = arena_take(&model.arena, (size_t)in->n, sizeof(int));
    model.go = arena_take(&model.arena, (size_t)in->n * (size_t)in->m, sizeof(int));
    if (model.lp && model.leave && model.go)
        r = build(&model);
    if (r >= 0)
        r = solve(&model);
    solver_free(model.solver);
    lp_free(model.lp);
    arena_done(&model.arena);
    return r < 0 ? r : 0;
}
