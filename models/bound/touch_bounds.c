/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/touch_bounds.h"

#include <errno.h>
#include <limits.h>

#include "models/base/whole.h"

static const double FRACTIONS[] = {0.5, 0.7, 0.3, 1, 0};
enum { N_FRACTIONS = sizeof(FRACTIONS) / sizeof(*FRACTIONS) };

int touch_bounds_cost(const struct instance *in, int i)
{
    int least = INT_MAX;

    for (int p = 0; p < in->m; p++)
        if (p != in->home[i] && instance_price(in, i, p) != INSTANCE_FORBIDDEN)
            least = min_int(least, instance_price(in, i, p));
    return least == INT_MAX ? 0 : least;
}

int touch_bounds(struct pricing *pricing, struct bounds *bounds, int64_t objective,
                 struct arena *arena)
{
    const struct instance *in = pricing->in;
    struct evaluation ev = {0};
    int *duals = arena_take(arena, (size_t)in->n, sizeof(int));
    int *touch = arena_take(arena, (size_t)in->n, sizeof(int)), r = 0;

    ev.bound = arena_take(arena, (size_t)bounds->windows->n, sizeof(int64_t));
    if (!duals || !touch || !ev.bound)
        return -ENOMEM;
    for (int i = 0; i < in->n; i++)
        touch[i] = touch_bounds_cost(in, i);
    for (int k = 0; k < N_FRACTIONS && r >= 0; k++) {
        for (int i = 0; i < in->n; i++) {
            bool leaves = in->home[i] < 0 || instance_has_dear_home(in, i);
            double part = leaves ? 1 : FRACTIONS[k];

            duals[i] = (int)(part * touch[i] * in->price_scale);
        }
        pricing_evaluate(pricing, duals, &ev);
        r = bounds_learn(bounds, duals, ev.bound, objective);
        if (bounds_least(bounds) >= objective || work_exhausted(pricing->work))
            break;
    }
    bounds_trim(bounds, objective);
    pricing_narrow(pricing, bounds->bottom, bounds->top);
    return r;
}
