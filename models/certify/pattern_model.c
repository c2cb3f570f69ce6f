/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/certify/pattern_model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/placement/evaluate.h"

/* 64 MiB at some 160 bytes that an entry takes in all the copies until GLPK has it. */
enum { MAX_ENTRIES = 64 * 1024 * 1024 / 160 };
/* Of the patterns that a cut list has beside the plan's, each of the two kinds: 8 MiB, and a tenth of
 * a second until GLPK has read them. 2048 items in 512 bins have less. */
enum { FEW_ENTRIES = 50 * 1000 };
/* Of each bin; the more that leave, the denser the basis. */
enum { SAMPLE = 64, MAX_LEAVING = 32, ENTERED_BINS = 2 };

/* ---- Which patterns ---- */

/* 0 also for one that is there already. */
static int add(struct pattern_store *store, int bin, const int *items, int n_items)
{
    int r = patterns_add(store, bin, items, n_items);

    return r == -EEXIST ? patterns_find(store, bin, items, n_items) : r;
}

/* The items of a bin into ret; how many. Without item `without`. */
static int members(const struct instance *in, const int *bin_of, int p, int without, int *ret)
{
    int n = 0;

    for (int i = 0; i < in->n; i++)
        if (bin_of[i] == p && i != without)
            ret[n++] = i;
    return n;
}

/* For items, their bins without them: the start of every move, and the basis. Index into ret [n],
 * -1 for an item without. */
static int add_leaving(struct pattern_store *store, const struct instance *in, const int *bin_of,
                       int *items, int *ret)
{
    int *left = calloc((size_t)in->m, sizeof(*left)), r = left ? 0 : -ENOMEM;
    int most = max_int(1, min_int(MAX_LEAVING, FEW_ENTRIES / (in->n + 1)));

    for (int i = 0; i < in->n && r >= 0; i++) {
        int p = bin_of[i];

        ret[i] = -1;
        if (left[p]++ < most)
            r = ret[i] = add(store, p, items, members(in, bin_of, p, i, items));
    }
    free(left);
    return r < 0 ? r : 0;
}

struct room {
    int64_t error;
    int bin;
};

static int roomiest_first(const void *a, const void *b)
{
    const struct room *x = a, *y = b;

    if (x->error != y->error)
        return x->error < y->error ? -1 : 1;
    return x->bin - y->bin;
}

static struct room *list_rooms(const struct instance *in, const int *bin_of, struct arena *arena)
{
    struct room *rooms = arena_take(arena, (size_t)in->m, sizeof(*rooms));

    for (int p = 0; rooms && p < in->m; p++) {
        int64_t load = in->balance->background[p];

        for (int i = 0; i < in->n; i++)
            load += bin_of[i] == p ? in->weight[i] : 0;
        rooms[p] = (struct room){balance_error(in->balance, p, load), p};
    }
    if (rooms)
        qsort(rooms, (size_t)in->m, sizeof(*rooms), roomiest_first);
    return rooms;
}

/* For each item, the roomiest bins with it. */
static int add_entering(struct pattern_store *store, const struct instance *in, const int *bin_of,
                        int *items, struct arena *arena)
{
    struct room *rooms = list_rooms(in, bin_of, arena);
    int r = rooms ? 0 : -ENOMEM, entries = 0;

    for (int i = 0; i < in->n && r >= 0 && entries < FEW_ENTRIES; i++) {
        int entered = 0;

        for (int k = 0; k < in->m && entered < ENTERED_BINS && r >= 0; k++) {
            int p = rooms[k].bin, n;

            if (p == bin_of[i] || instance_price(in, i, p) == INSTANCE_FORBIDDEN)
                continue;
            n = members(in, bin_of, p, -1, items);
            items[n++] = i;
            if (!rules_hold(&in->rules, p, items, n))
                continue;
            r = add(store, p, items, n);
            entries += n;
            entered++;
        }
    }
    return r < 0 ? r : 0;
}

static size_t count_entries(const struct pattern_store *store)
{
    size_t n = 0;

    for (int k = 0; k < store->n; k++)
        n += (size_t)store->patterns[k].n_items + 2;
    return n;
}

/* All that are within reach, where they are not too many. */
static int add_all(struct reach *reach, int max_patterns, struct pattern_model *model)
{
    int r = 0, before = model->store.n;

    if (reach->n_vectors == 0)
        return 0;
    r = reach_patterns(reach, max_patterns, 0, &model->store, &model->is_complete);
    if (r < 0 || (model->is_complete && count_entries(&model->store) <= MAX_ENTRIES))
        return r;
    model->is_complete = false;
    patterns_forget(&model->store, before);
    return 0;
}

/* A sample of the others is worth its time where the gap is still open. */
static int add_some(struct reach *reach, const int *bin_of, int *items,
                    const struct pattern_limits *limits, struct pattern_model *model)
{
    bool ignored;
    int r = add_entering(&model->store, reach->in, bin_of, items, &model->arena);

    if (r >= 0 && reach->n_vectors > 0 && limits->samples)
        r = reach_patterns(reach, limits->max_patterns, SAMPLE, &model->store, &ignored);
    return r;
}

/* ---- Columns, rows and the known placement ---- */

struct writer {
    const struct instance *in;
    struct pattern_model *model;
    int dev, dev_rows, constant; /* -1: none */
};

static double deviation_points(const struct instance *in, const struct pattern *pattern)
{
    int64_t load =
        in->balance->background[pattern->bin] + patterns_load(in, pattern->items, pattern->n_items);

    return (double)instance_deviation(in, pattern->bin, load) / (double)in->balance->scale;
}

/* In points (variance: points squared), as the problem's objective. */
static double cost_of(const struct instance *in, const struct pattern *pattern)
{
    double points = deviation_points(in, pattern), prices = 0;
    int64_t load = in->balance->background[pattern->bin], excess = 0;

    for (int k = 0; k < pattern->n_items; k++) {
        prices += instance_price(in, pattern->items[k], pattern->bin);
        load += in->weight[pattern->items[k]];
        excess += in->excess[pattern->items[k]];
    }
    prices += (double)instance_overload(in, pattern->bin, load, excess);
    prices += (double)instance_together(in, pattern->bin, pattern->items, pattern->n_items);
    if (in->problem->objective == PLACEMENT_DEVIATION)
        return prices / in->problem->kappa;
    return points * points + prices * 1000 / in->problem->nu_milli;
}

static void add_rows(struct writer *w)
{
    struct lp *lp = w->model->lp;
    char name[40];

    for (int i = 0; i < w->in->n; i++) {
        snprintf(name, sizeof(name), "place_%d", w->in->id[i]);
        lp_add_row(lp, name, 1, 1);
    }
    for (int p = 0; p < w->in->m; p++) {
        snprintf(name, sizeof(name), "fill_%d", p);
        lp_add_row(lp, name, 1, 1);
    }
    for (int p = 0; w->dev_rows >= 0 && p < w->in->m; p++) {
        snprintf(name, sizeof(name), "dev_%d", p);
        lp_add_row(lp, name, 0, INFINITY);
    }
}

/* z_<bin>_<number> takes a pattern for its bin. */
static void add_pattern(struct writer *w, int k)
{
    const struct pattern *pattern = &w->model->store.patterns[k];
    struct lp *lp = w->model->lp;
    double points = deviation_points(w->in, pattern);
    char name[40];

    snprintf(name, sizeof(name), "z_%d_%d", pattern->bin, k);
    lp_add_column(lp, name, LP_BINARY, 0, 1, cost_of(w->in, pattern));
    for (int z = 0; z < pattern->n_items; z++)
        lp_add_entry(lp, pattern->items[z], k, 1);
    lp_add_entry(lp, w->in->n + pattern->bin, k, 1);
    if (w->dev_rows >= 0 && points > 0)
        lp_add_entry(lp, w->dev_rows + pattern->bin, k, -points);
}

static int write_program(struct writer *w)
{
    struct lp *lp = w->model->lp = lp_new("placement_patterns");

    add_rows(w);
    for (int k = 0; k < w->model->store.n; k++)
        add_pattern(w, k);
    if (w->dev_rows >= 0)
        w->dev = lp_add_column(lp, "dev", LP_CONTINUOUS, 0, INFINITY, 1);
    for (int p = 0; w->dev_rows >= 0 && p < w->in->m; p++)
        lp_add_entry(lp, w->dev_rows + p, w->dev, 1);
    if (w->in->floor_cost > 0) {
        w->constant = lp_columns(lp);
        lp_add_constant(lp, (double)w->in->floor_cost * placement_cost_unit(w->in->problem));
    }
    return lp_error(lp);
}

/* A bin's row belongs to its pattern, an item's row to its bin's pattern without it (or to nobody),
 * and the worst
 * bin's deviation to dev. */
static int write_known(const struct writer *w, const int *taken, const int *leaving)
{
    struct pattern_model *model = w->model;
    size_t columns = (size_t)lp_columns(model->lp), rows = (size_t)lp_rows(model->lp);
    double *x = arena_take(&model->arena, columns, sizeof(*x)), worst = -1;
    enum solver_basis *column = arena_take(&model->arena, columns, sizeof(*column));
    enum solver_basis *row = arena_take(&model->arena, rows, sizeof(*row));

    if (!x || !column || !row)
        return -ENOMEM;
    for (size_t j = 0; j < columns; j++)
        column[j] = SOLVER_AT_LOWER;
    if (w->constant >= 0) {
        column[w->constant] = SOLVER_FIXED;
        x[w->constant] = 1;
    }
    for (int i = 0; i < w->in->n + w->in->m; i++)
        row[i] = i < w->in->n && leaving[i] < 0 ? SOLVER_BASIC : SOLVER_FIXED;
    for (int i = 0; i < w->in->n; i++)
        if (leaving[i] >= 0)
            column[leaving[i]] = SOLVER_BASIC;
    for (int p = 0; p < w->in->m; p++) {
        double points = deviation_points(w->in, &model->store.patterns[taken[p]]);

        x[taken[p]] = 1;
        column[taken[p]] = SOLVER_BASIC;
        worst = fmax(worst, points);
        if (w->dev_rows >= 0)
            row[w->dev_rows + p] = SOLVER_BASIC;
    }
    for (int p = 0; w->dev_rows >= 0 && p < w->in->m; p++) {
        if (deviation_points(w->in, &model->store.patterns[taken[p]]) < worst)
            continue;
        row[w->dev_rows + p] = SOLVER_AT_LOWER;
        column[w->dev] = SOLVER_BASIC;
        x[w->dev] = worst;
        break;
    }
    model->question = (struct question){
        .lp = model->lp, .incumbent = x, .column_basis = column, .row_basis = row};
    return 0;
}

static int fill(struct reach *reach, const int *bin_of, const struct pattern_limits *limits,
                struct pattern_model *model)
{
    const struct instance *in = reach->in;
    bool has_dev = in->problem->objective == PLACEMENT_DEVIATION;
    struct writer w = {.in = in,
                       .model = model,
                       .dev = -1,
                       .dev_rows = has_dev ? in->n + in->m : -1,
                       .constant = -1};
    int *items = arena_take(&model->arena, (size_t)in->n + 1, sizeof(*items));
    int *taken = arena_take(&model->arena, (size_t)in->m, sizeof(*taken));
    int *leaving = arena_take(&model->arena, (size_t)in->n, sizeof(*leaving)), r;

    if (!items || !taken || !leaving)
        return -ENOMEM;
    r = patterns_add_plan(&model->store, bin_of, taken);
    if (r >= 0)
        r = add_leaving(&model->store, in, bin_of, items, leaving);
    if (r >= 0)
        r = add_all(reach, limits->max_patterns, model);
    if (r >= 0 && !model->is_complete)
        r = add_some(reach, bin_of, items, limits, model);
    if (r >= 0)
        r = write_program(&w);
    return r < 0 ? r : write_known(&w, taken, leaving);
}

int pattern_model_new(struct reach *reach, const int *bin_of, const struct pattern_limits *limits,
                      struct pattern_model *model)
{
    int r;

    *model = (struct pattern_model){.is_complete = false};
    r = patterns_new(&reach->windows, &model->store);
    if (r < 0)
        return r;
    r = fill(reach, bin_of, limits, model);
    if (r < 0)
        pattern_model_done(model);
    return r < 0 ? r : 0;
}

void pattern_model_done(struct pattern_model *model)
{
    patterns_done(&model->store);
    lp_free(model->lp);
    arena_done(&model->arena);
    model->lp = NULL;
}

bool pattern_model_read(const struct pattern_model *model, const double *x, int *bin_of)
{
    const struct instance *in = model->store.windows->in;

    for (int i = 0; i < in->n; i++)
        bin_of[i] = INSTANCE_NOWHERE;
    for (int k = 0; k < model->store.n; k++) {
        const struct pattern *pattern = &model->store.patterns[k];

        if (x[k] != 0 && x[k] != 1)
            return false;
        for (int z = 0; x[k] == 1 && z < pattern->n_items; z++) {
            if (bin_of[pattern->items[z]] != INSTANCE_NOWHERE)
                return false;
            bin_of[pattern->items[z]] = pattern->bin;
        }
    }
    for (int i = 0; i < in->n; i++)
        if (bin_of[i] == INSTANCE_NOWHERE)
            return false;
    return true;
}
