/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/water_level.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"

/* The load curve: y permille of load on the x permille of capacity that are fullest. */
struct point {
    int64_t x, y;
};

/* Demands by counting, backgrounds beside them: only the m heaviest matter. Returns how many. */
static size_t heaviest(const struct placement_problem *problem, int *ret, size_t most)
{
    int count[1001] = {0};
    size_t n = 0, beside = 0, total = 0;

    if (problem->background_permille) {
        memcpy(ret, problem->background_permille, problem->n_bins * sizeof(*ret));
        beside = problem->n_bins;
    }
    for (size_t i = 0; i < problem->n_items; i++)
        count[problem->demand_permille[i]]++;
    for (int demand = 1000; demand > 0 && n < most; demand--)
        for (int k = 0; k < count[demand] && n < most; k++)
            ret[beside + n++] = demand;
    total = beside + n;
    if (beside)
        qsort(ret, total, sizeof(*ret), whole_descending);
    return total < most ? total : most;
}

static void descending_capacities(const struct placement_problem *problem, int *ret)
{
    for (size_t p = 0; p < problem->n_bins; p++)
        ret[p] = problem->capacity_permille ? problem->capacity_permille[p] : 1000;
    if (problem->capacity_permille)
        qsort(ret, problem->n_bins, sizeof(*ret), whole_descending);
}

/* True where b lies on or below the line from a to c. */
static bool below(struct point a, struct point b, struct point c)
{
    return (b.y - a.y) * (c.x - a.x) <= (c.y - a.y) * (b.x - a.x);
}

static size_t push(struct point *hull, size_t n, struct point next)
{
    while (n >= 2 && below(hull[n - 2], hull[n - 1], next))
        n--;
    hull[n] = next;
    return n + 1;
}

/* The least concave curve above (k largest capacities, k heaviest demands) for every k. */
static size_t concave_curve(const int *capacity, const int *heavy, size_t n_heavy, size_t n_bins,
                            struct point total, struct point *hull)
{
    struct point at = {0, 0};
    size_t n = push(hull, 0, at);

    for (size_t k = 0; k < n_heavy && k + 1 < n_bins; k++) {
        at.x += capacity[k];
        at.y += heavy[k];
        n = push(hull, n, at);
    }
    return push(hull, n, total);
}

static double sigma_of(const struct point *hull, size_t n)
{
    struct point end = hull[n - 1];
    double mean = (double)end.y / (double)end.x, sum = 0;

    for (size_t k = 1; k < n; k++) {
        double width = (double)(hull[k].x - hull[k - 1].x);
        double off = 100 * ((double)(hull[k].y - hull[k - 1].y) / width - mean);
        sum += width * off * off;
    }
    return sqrt(sum / (double)end.x);
}

int water_level(const struct placement_problem *problem, struct water_level *ret)
{
    size_t m = problem->n_bins, n_heavy, n;
    struct point total = {0, 0}, *hull = calloc(m + 2, sizeof(*hull));
    int *heavy = calloc(2 * m, sizeof(*heavy)), *capacity = calloc(m, sizeof(*capacity));
    int r = -ENOMEM;

    if (!hull || !heavy || !capacity)
        goto out;
    n_heavy = heaviest(problem, heavy, m);
    descending_capacities(problem, capacity);
    for (size_t p = 0; p < m; p++) {
        total.x += capacity[p];
        total.y += problem->background_permille ? problem->background_permille[p] : 0;
    }
    for (size_t i = 0; i < problem->n_items; i++)
        total.y += problem->demand_permille[i];
    n = concave_curve(capacity, heavy, n_heavy, m, total, hull);
    *ret = (struct water_level){
        .load = hull[n - 1].y - hull[n - 2].y,
        .capacity = hull[n - 1].x - hull[n - 2].x,
        .sigma_bound_pct = sigma_of(hull, n),
    };
    r = 0;
out:
    free(hull);
    free(heavy);
    free(capacity);
    return r;
}

int water_level_cut_permille(const struct water_level *level, int capacity_permille)
{
    int there = (int)(level->load * capacity_permille / level->capacity);

    return max_int(there + WATER_LEVEL_MARGIN_PERMILLE, WATER_LEVEL_LEAST_CUT_PERMILLE);
}
