/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/model/by_loads.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 3, NOBODY = INT_MAX / 2 };

static double capacity_of(const struct placement_problem *problem, size_t p)
{
    return problem->capacity_permille ? problem->capacity_permille[p] : 1000;
}

static int total_of(const struct placement_problem *problem)
{
    int total = 0;

    for (size_t i = 0; i < problem->n_items; i++)
        total += problem->demand_permille[i];
    return total;
}

/* Points by which the worst bin is off its share, which counts for more in a smaller one. */
static double deviation(const struct placement_problem *problem, const int *load, int total)
{
    double capacity = 0, largest = 0, worst = 0;

    for (size_t p = 0; p < BINS; p++) {
        capacity += capacity_of(problem, p);
        largest = fmax(largest, capacity_of(problem, p));
    }
    for (size_t p = 0; p < BINS; p++) {
        double share = total * capacity_of(problem, p) / capacity;
        double times = round(1000 * largest / capacity_of(problem, p)) / 1000;

        worst = fmax(worst, fabs(load[p] - share) / 10 * times);
    }
    return worst;
}

/* cost[first * side + second]: the least that the items so far cost with such loads. */
static void take_in(const struct placement_problem *problem, size_t i, int side, const int *before,
                    int *cost)
{
    int demand = problem->demand_permille[i];

    for (int k = 0; k < side * side; k++)
        cost[k] = NOBODY;
    for (size_t p = 0; p < BINS; p++) {
        int price = problem->price[i * BINS + p];
        int step = p == 0 ? demand * side : p == 1 ? demand : 0;

        for (int k = 0; placement_may_run(problem, i, p) && k + step < side * side; k++)
            if (before[k] < NOBODY && before[k] + price < cost[k + step])
                cost[k + step] = before[k] + price;
    }
}

double cheapest_by_loads(const struct placement_problem *problem)
{
    int total = total_of(problem), side = total + 1;
    size_t room = (size_t)side * (size_t)side;
    int *now = calloc(room, sizeof(int)), *after = calloc(room, sizeof(int)), *swap;
    double best = INFINITY;

    assert(now && after && problem->n_bins == BINS && !problem->background_permille);
    for (size_t k = 1; k < room; k++)
        now[k] = NOBODY;
    for (size_t i = 0; i < problem->n_items; i++) {
        take_in(problem, i, side, now, after);
        swap = now;
        now = after;
        after = swap;
    }
    for (int a = 0; a < side; a++)
        for (int b = 0; a + b < side; b++) {
            const int load[BINS] = {a, b, total - a - b};

            if (now[a * side + b] < NOBODY)
                best = fmin(best, deviation(problem, load, total) +
                                      (double)now[a * side + b] / problem->kappa);
        }
    free(now);
    free(after);
    return best;
}
