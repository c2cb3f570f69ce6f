/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/forecast.h"

#include <assert.h>
#include <math.h>

/* The noise estimate forgets half of the past in about seven intervals. */
static const double NOISE_WEIGHT = 0.1;
/* One surprise teaches it at most three times what it expects plus 3 points, so that a single load
 * step is not taken for noise, while a load that keeps jumping is, after some ten jumps. */
static const double NOISE_TRUST = 3;
static const double NOISE_STEP = 0.03;

double forecast_next(const struct forecast_settings *settings, double previous, double observed,
                     double elapsed_s)
{
    double half_life_s =
        observed > previous ? settings->rise_half_life_s : settings->fall_half_life_s;

    assert(elapsed_s > 0 && half_life_s >= 0);
    if (half_life_s == 0)
        return observed;
    return observed + (previous - observed) * exp2(-elapsed_s / half_life_s);
}

double forecast_noise_next(double noise, double difference)
{
    double surprise = fmin(fabs(difference), NOISE_TRUST * noise + NOISE_STEP);

    return sqrt((1 - NOISE_WEIGHT) * noise * noise + NOISE_WEIGHT * surprise * surprise / 2);
}
