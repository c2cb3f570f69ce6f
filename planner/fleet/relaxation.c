/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/relaxation.h"

#include <errno.h>
#include <limits.h>
#include <math.h>

/* Steps of D, trials of nu and mu. */
enum { STEPS = 128, TRIALS = 72 };

struct prices {
    double nu, mu;
};

/* Tables of one bin after the other: all weights from 0 to what its guests that may leave weigh. */
struct tables {
    int *first;          /* [m + 1] */
    double *rest;        /* h_p(s) */
    double *rest_beyond; /* least over s' >= s of h_p(s') + mu s' */
    int64_t *load;       /* [m] of those at home */
    int64_t *fixed;      /* [m] of those who cannot leave */
    int64_t floating;    /* weighs what has no home, */
    int n_floating;
    double sunk; /* and costs at least */
    struct arena arena;
};

static bool may_leave(const struct items *items, int i)
{
    return items->fixed_at[i] < 0;
}

static double least_price(const struct items *items, int i)
{
    int least = INT_MAX;

    for (int p = 0; p < items->m; p++)
        if (items_may_run(items, i, p))
            least = min_int(least, items_price(items, i, p));
    return least == INT_MAX ? 0 : least;
}

/* What it costs if it leaves its bin. */
static int leaving_price(const struct items *items, int i)
{
    int price = 0;

    for (int k = items->first[i]; k < items->first[i + 1]; k++)
        if (items_guest(items, k)->home >= 0)
            price += items_guest(items, k)->price;
    return price;
}

static void weigh(const struct measure *measure, const int *at, struct tables *tables)
{
    const struct items *items = measure->items;

    for (int i = 0; i < items->n; i++) {
        int p = items->current[i], weight = measure->balance.weight[i];

        if (at[i] < 0)
            continue;
        if (p < 0) {
            tables->floating += weight;
            tables->n_floating++;
            tables->sunk += least_price(items, i);
            continue;
        }
        tables->load[p] += weight;
        if (!may_leave(items, i))
            tables->fixed[p] += weight;
    }
    for (int p = 0; p < items->m; p++)
        tables->first[p + 1] = tables->first[p] + (int)(tables->load[p] - tables->fixed[p]) + 1;
}

static void lose_one(double *rest, int most, int weight, double price)
{
    for (int s = most; s >= weight; s--)
        rest[s] = fmin(rest[s], price + rest[s - weight]);
}

static void fill(const struct measure *measure, const int *at, struct prices prices,
                 struct tables *tables)
{
    const struct items *items = measure->items;

    for (int p = 0; p < items->m; p++)
        for (int s = tables->first[p]; s < tables->first[p + 1]; s++)
            tables->rest[s] = s == tables->first[p] ? 0 : INFINITY;
    for (int i = 0; i < items->n; i++) {
        int p = items->current[i], weight = measure->balance.weight[i];

        if (at[i] >= 0 && p >= 0 && may_leave(items, i))
            lose_one(tables->rest + tables->first[p], tables->first[p + 1] - tables->first[p] - 1,
                     weight, leaving_price(items, i) - prices.nu - prices.mu * weight);
    }
    for (int p = 0; p < items->m; p++) {
        double least = INFINITY;

        for (int s = tables->first[p + 1] - 1; s >= tables->first[p]; s--) {
            least = fmin(least, tables->rest[s] + prices.mu * (s - tables->first[p]));
            tables->rest_beyond[s] = least;
        }
    }
}

static int tables_new(const struct measure *measure, const int *at, struct tables *ret)
{
    size_t m = (size_t)measure->items->m;
    struct tables tables = {.sunk = 0};
    struct arena *arena = &tables.arena;

    tables.first = arena_take(arena, m + 1, sizeof(*tables.first));
    tables.load = arena_take(arena, m, sizeof(*tables.load));
    tables.fixed = arena_take(arena, m, sizeof(*tables.fixed));
    if (arena_error(arena) == 0) {
        weigh(measure, at, &tables);
        tables.rest = arena_take(arena, (size_t)tables.first[m], sizeof(*tables.rest));
        tables.rest_beyond =
            arena_take(arena, (size_t)tables.first[m], sizeof(*tables.rest_beyond));
    }
    if (arena_error(arena) < 0) {
        arena_done(arena);
        return -ENOMEM;
    }
    *ret = tables;
    return 0;
}

/* v_p: INFINITY where its fixed guests alone are too much. */
static double bin_pays(const struct tables *tables, int p, struct prices prices, int64_t low,
                       int64_t high)
{
    const double *rest = tables->rest + tables->first[p];
    int64_t load = tables->load[p], end = tables->first[p + 1] - tables->first[p];
    int64_t s = max64(0, load - high), enough = min64(load - low, end - 1);
    double least = INFINITY;

    if (s >= end)
        return INFINITY;
    for (int64_t k = s; k <= enough; k++)
        least = fmin(least, rest[k]);
    s = max64(s, load - low + 1);
    if (s < end)
        least = fmin(least, tables->rest_beyond[tables->first[p] + s] + prices.nu +
                                prices.mu * (double)(low - load));
    return least;
}

static double all_pay(const struct measure *measure, const struct tables *tables,
                      struct prices prices, int64_t deviation)
{
    double sum =
        tables->sunk - prices.nu * tables->n_floating - prices.mu * (double)tables->floating;

    for (int p = 0; p < measure->balance.m; p++)
        sum += bin_pays(tables, p, prices, balance_low(&measure->balance, p, deviation),
                        balance_high(&measure->balance, p, deviation));
    return sum;
}

/* What is known of each step of D, and where the next trial begins. */
struct ascent {
    struct measure *measure;
    const int *at;
    double kappa;
    int64_t step; /* of D, scaled */
    double paid[STEPS];
    struct prices best[STEPS];
};

static void attempt(struct ascent *ascent, struct tables *tables, struct prices prices)
{
    fill(ascent->measure, ascent->at, prices, tables);
    for (int k = 0; k < STEPS; k++) {
        double paid = all_pay(ascent->measure, tables, prices, (k + 1) * ascent->step);

        if (paid <= ascent->paid[k])
            continue;
        ascent->paid[k] = paid;
        ascent->best[k] = prices;
    }
}

/* F at least, where D is in a step. */
static double worth(const struct ascent *ascent, int k)
{
    return ascent->kappa * (double)(k * ascent->step) / (double)ascent->measure->balance.scale +
           ceil(ascent->paid[k] - 1e-6);
}

static int weakest(const struct ascent *ascent)
{
    int weakest = 0;

    for (int k = 1; k < STEPS; k++)
        if (worth(ascent, k) < worth(ascent, weakest))
            weakest = k;
    return weakest;
}

static double mean_price(const struct measure *measure, const int *at, double *ret_weight)
{
    const struct items *items = measure->items;
    double price = 0, n = 0;

    *ret_weight = 0;
    for (int i = 0; i < items->n; i++)
        if (at[i] >= 0 && items->current[i] >= 0) {
            price += leaving_price(items, i);
            *ret_weight += measure->balance.weight[i];
            n++;
        }
    *ret_weight = fmax(1, *ret_weight / fmax(1, n));
    return price / fmax(1, n);
}

/* Around the best of the weakest step: more or less of one of the two, by less and less. */
static void climb(struct ascent *ascent, struct tables *tables)
{
    double weight, price = mean_price(ascent->measure, ascent->at, &weight), by = 0.5;

    attempt(ascent, tables, (struct prices){0, 0});
    attempt(ascent, tables, (struct prices){price / 2, 0});
    attempt(ascent, tables, (struct prices){price / 4, price / weight / 4});
    for (int k = 0; k < TRIALS; k++) {
        struct prices prices = ascent->best[weakest(ascent)];
        double change = (k / 2) % 2 ? -by : by;

        if (k % 2)
            prices.nu = fmax(0, prices.nu + change * price);
        else
            prices.mu = fmax(0, prices.mu + change * price / weight);
        attempt(ascent, tables, prices);
        if (k % 8 == 7)
            by *= 0.7;
    }
}

int relaxation_bound(struct measure *measure, const int *at, double kappa, double most, double *ret)
{
    double scale = (double)measure->balance.scale, end;
    struct ascent ascent = {.measure = measure, .at = at, .kappa = kappa};
    struct tables tables;
    int r = tables_new(measure, at, &tables);

    if (r < 0)
        return r;
    end = fmin(measure_cut_pct(measure, at, NULL, 0), most / fmax(kappa, 1e-9)) * scale;
    ascent.step = (int64_t)(end / STEPS) + 1;
    for (int k = 0; k < STEPS; k++)
        ascent.paid[k] = -INFINITY;
    climb(&ascent, &tables);
    end = kappa * (double)(STEPS * ascent.step) / scale + tables.sunk;
    *ret = fmin(most, fmin(end, worth(&ascent, weakest(&ascent))));
    arena_done(&tables.arena);
    return 0;
}
