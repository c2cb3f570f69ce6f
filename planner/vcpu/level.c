/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/level.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* More kinds of masks than this are not told apart: the parts they make are too small to matter. */
enum { MAX_CLASSES = 24, MAX_SWEEPS = 60, BISECTIONS = 40 };
/* Levels that differ by less, in permille, are one. */
static const double SAME_PERMILLE = 2;
/* As in models/placement/water_level.h. */
enum { MARGIN_PERMILLE = 50, MIN_CUT_PERMILLE = 250, WHOLE_PERMILLE = 1000 };
/* Beyond its capacity a bin is full by what can be told from none (models/placement/fair_share.h). */
enum { FULL_PERMILLE = 10 };

/* The items that may go into the same bins. */
struct class
{
    const bool *bins; /* [n_bins] */
    double demand;
    double *water; /* [n_bins] of its demand */
};

struct pool {
    size_t n_bins, n_classes;
    struct class classes[MAX_CLASSES];
    double *load; /* [n_bins] */
};

static size_t count(const bool *bins, size_t n)
{
    size_t members = 0;

    for (size_t b = 0; b < n; b++)
        members += bins[b];
    return members;
}

static struct class *class_of(struct pool *pool, const bool *bins)
{
    for (size_t k = 0; k < pool->n_classes; k++)
        if (memcmp(pool->classes[k].bins, bins, pool->n_bins * sizeof(*bins)) == 0)
            return &pool->classes[k];
    if (pool->n_classes == MAX_CLASSES)
        return NULL;
    pool->classes[pool->n_classes].bins = bins;
    return &pool->classes[pool->n_classes++];
}

/* Items with one bin stand where they are. False: nobody is confined, or too many kinds are. */
static bool sort_items(const struct placement_problem *problem, struct pool *pool)
{
    bool is_any_confined = false;

    for (size_t i = 0; i < problem->n_items; i++) {
        const bool *bins = problem->allowed + i * pool->n_bins;
        size_t n = count(bins, pool->n_bins);
        struct class *class = n > 1 ? class_of(pool, bins) : NULL;

        if (n > 1 && !class)
            return false;
        is_any_confined = is_any_confined || (n > 1 && n < pool->n_bins);
        if (class)
            class->demand += problem->demand_permille[i];
        for (size_t b = 0; n == 1 && b < pool->n_bins; b++)
            pool->load[b] += bins[b] ? problem->demand_permille[i] : 0;
    }
    return is_any_confined;
}

/* Lets the water of one class in anew, where the rest stands lowest. Returns the largest change. */
static double pour(struct pool *pool, struct class *class)
{
    double low = INFINITY, high = 0, change = 0;

    for (size_t b = 0; b < pool->n_bins; b++) {
        pool->load[b] -= class->water[b];
        if (class->bins[b]) {
            low = fmin(low, pool->load[b]);
            high = fmax(high, pool->load[b]);
        }
    }
    high += class->demand;
    for (int k = 0; k < BISECTIONS; k++) {
        double level = (low + high) / 2, sum = 0;

        for (size_t b = 0; b < pool->n_bins; b++)
            sum += class->bins[b] ? fmax(0, level - pool->load[b]) : 0;
        *(sum < class->demand ? &low : &high) = level;
    }
    for (size_t b = 0; b < pool->n_bins; b++) {
        double water = class->bins[b] ? fmax(0, low - pool->load[b]) : 0;

        change = fmax(change, fabs(water - class->water[b]));
        class->water[b] = water;
        pool->load[b] += water;
    }
    return change;
}

/* One class after the other, until nothing changes: the sum of the squared loads falls each
 * time. */
static void settle(struct pool *pool)
{
    double change = INFINITY;

    for (int sweep = 0; sweep < MAX_SWEEPS && change > SAME_PERMILLE / 4; sweep++) {
        change = 0;
        for (size_t k = 0; k < pool->n_classes; k++)
            change = fmax(change, pour(pool, &pool->classes[k]));
    }
}

/* The highest level of a bin that water was let into. */
static double highest(const struct pool *pool)
{
    double top = 0;

    for (size_t k = 0; k < pool->n_classes; k++)
        for (size_t b = 0; b < pool->n_bins; b++)
            if (pool->classes[k].water[b] > 0)
                top = fmax(top, pool->load[b]);
    return top;
}

static void fill_up(const struct placement_problem *problem, const struct pool *pool, int *fill,
                    int *cut)
{
    double top = highest(pool);
    bool is_any = false;

    for (size_t b = 0; b < pool->n_bins; b++)
        if (pool->load[b] < top - SAME_PERMILLE) {
            fill[b] = (int)lround(top - pool->load[b]);
            is_any = true;
        }
    for (size_t i = 0; is_any && i < problem->n_items; i++) {
        const bool *bins = problem->allowed + i * pool->n_bins;
        double lowest = top;

        for (size_t b = 0; b < pool->n_bins; b++)
            lowest = bins[b] ? fmin(lowest, pool->load[b]) : lowest;
        cut[i] = (int)fmax(MIN_CUT_PERMILLE, fmin(WHOLE_PERMILLE, lowest + MARGIN_PERMILLE));
    }
}

/* The lowest level that the item may reach. */
static double lowest_of(const struct placement_problem *problem, const struct pool *pool, size_t i)
{
    double lowest = INFINITY;

    for (size_t b = 0; b < pool->n_bins; b++)
        if (problem->allowed[i * pool->n_bins + b])
            lowest = fmin(lowest, pool->load[b]);
    return lowest;
}

static void mark_crowds(const struct placement_problem *problem, const struct pool *pool,
                        bool *crowds)
{
    for (size_t i = 0; i < problem->n_items; i++) {
        bool has_room = lowest_of(problem, pool, i) + problem->demand_permille[i] <= WHOLE_PERMILLE;

        for (size_t b = 0; b < pool->n_bins; b++) {
            int capacity =
                problem->capacity_permille ? problem->capacity_permille[b] : WHOLE_PERMILLE;

            crowds[i * pool->n_bins + b] = has_room && pool->load[b] > capacity + FULL_PERMILLE;
        }
    }
}

int level_fill(const struct placement_problem *problem, int *fill, int *cut, bool *crowds)
{
    struct pool pool = {.n_bins = problem->n_bins};
    double *room = calloc((MAX_CLASSES + 1) * problem->n_bins + 1, sizeof(*room));

    if (!room)
        return -ENOMEM;
    pool.load = room;
    for (size_t k = 0; k < MAX_CLASSES; k++)
        pool.classes[k].water = room + (k + 1) * problem->n_bins;
    for (size_t i = 0; i < problem->n_items; i++)
        cut[i] = WHOLE_PERMILLE;
    for (size_t b = 0; b < problem->n_bins; b++) {
        fill[b] = 0;
        pool.load[b] = problem->background_permille[b];
    }
    memset(crowds, 0, problem->n_items * problem->n_bins * sizeof(*crowds));
    if (sort_items(problem, &pool)) {
        settle(&pool);
        mark_crowds(problem, &pool, crowds);
        fill_up(problem, &pool, fill, cut);
    }
    free(room);
    return 0;
}

int level_apply(const struct placement_problem *problem, int *background, int *demand, int *price)
{
    size_t n = problem->n_items, m = problem->n_bins;
    int *fill = calloc(m + 1, sizeof(*fill)), *cut = calloc(n + 1, sizeof(*cut)), r = -ENOMEM;
    bool *crowds = calloc(n * m + 1, sizeof(*crowds));

    if (fill && cut && crowds)
        r = level_fill(problem, fill, cut, crowds);
    for (size_t i = 0; r == 0 && i < n; i++)
        for (size_t b = 0; b < m; b++)
            if (crowds[i * m + b])
                price[i * m + b] = (int)fmin(PLACEMENT_MAX_PRICE,
                                             price[i * m + b] + demand[i] / 10.0 * problem->kappa);
    for (size_t b = 0; r == 0 && b < m; b++)
        background[b] += fill[b];
    for (size_t i = 0; r == 0 && i < n; i++)
        demand[i] = demand[i] > cut[i] ? cut[i] : demand[i];
    free(fill);
    free(cut);
    free(crowds);
    return r;
}
