/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/weight.h"

#include <math.h>

/* What a move costs on average (build.c), to which the weights refer. */
enum { MOVE_AVERAGE = 15 };
/* Variance: a move pays where it takes two pCPUs that are this many points off to the mean. */
static const double HALF_IMBALANCE_POINTS = 5;

/* What noise undoes is not worth a move: where it moves the largest load by more than CALM_POINTS, an
 * average move has to save this part of the rest, at most MOST_POINTS. Half of that doubles the
 * moves on recorded load, double leaves more CPU time unserved (tests/bench/README.md). */
static const double CALM_POINTS = 12, POINTS_OF_NOISE = .15, MOST_POINTS = 4;

/* A point of a set of many pCPUs is much work, and noise is smaller there by the root of them. Still, a move
 * saves this at least, as on 16 sets. */
static const double LEAST_POINTS = 0.6;

/* One price unit is worth 1 / kappa points. To lower the largest deviation every pCPU beyond it has
 * to be touched, and there are more of them on a larger host: kappa grows with the pCPUs, steeply
 * while a pair of them decides it, then slowly (models/README.md, "In the closed loop"). On a small
 * host an average move has to save no more than 4 points: two moves that take a quarter off the
 * largest deviation would not be made otherwise. */
int weight_kappa(const struct vcpu_settings *settings, size_t n_bins, double pcpus,
                 double noise_points)
{
    double m = (double)n_bins;
    double points = MOVE_AVERAGE / fmax(4, fmin(2 * (m - 3), 20 + 0.4 * m));

    points = fmin(points, fmax(LEAST_POINTS, points / sqrt(fmax(1, pcpus))));
    if (settings->learn_habits)
        points = fmax(points, fmin(MOST_POINTS, POINTS_OF_NOISE * (noise_points - CALM_POINTS)));
    if (settings->penalty_points > 0)
        points = settings->penalty_points;
    return (int)fmax(1, fmin(1e6, round(MOVE_AVERAGE / points)));
}

int weight_nu_milli(const struct vcpu_settings *settings)
{
    double half = settings->penalty_points > 0 ? settings->penalty_points : HALF_IMBALANCE_POINTS;

    return (int)fmax(1, fmin(1e6, round(1000 * MOVE_AVERAGE / (2 * half * half))));
}

/* Noise of a pCPU's load is that of its vCPUs together, and the largest of m such deviations is
 * about sqrt(2 ln m) of one (models/README.md). */
double weight_largest(double variance, size_t n_bins)
{
    double m = (double)n_bins;

    return m > 1 ? 100 * sqrt(variance / m * 2 * log(m)) : 0;
}
