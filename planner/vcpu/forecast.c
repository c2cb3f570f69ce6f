/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/forecast.h"

#include <assert.h>
#include <math.h>

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
