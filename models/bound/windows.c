/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/windows.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "models/base/whole.h"

/* More distinct deviations than this are merged in groups (hosts with many different capacities).
 */
enum { MAX_WINDOWS = 1 << 16 };

static void find_shares(struct windows *windows)
{
    const struct balance *balance = windows->in->balance;

    for (int p = 0; p < balance->m; p++) {
        int first = 0;

        while (balance->share[first] != balance->share[p])
            first++;
        windows->share_of[p] = first == p ? windows->n_shares++ : windows->share_of[first];
    }
}

static int bin_with_share(const struct windows *windows, int share)
{
    int p = 0;

    while (windows->share_of[p] != share)
        p++;
    return p;
}

/* Loads of one bin that deviate by no more than this are never more. */
static int64_t count_loads(const struct balance *balance, int64_t most)
{
    return 2 * (most / balance->parts) + 3;
}

/* Deviations of the loads around p's target up to the limit, ascending. */
static int64_t list_deviations(const struct balance *balance, int p, int64_t most, int64_t *ret)
{
    int64_t below = floor_div(balance->target[p], balance->parts), above = below + 1, n = 0;

    for (;;) {
        int64_t down = balance_deviation(balance, p, below);
        int64_t up = balance_deviation(balance, p, above);
        int64_t next = down < up && below >= 0 ? down : up;

        if (next > most && n > 0)
            return n;
        ret[n++] = next;
        below -= next == down;
        above += next == up;
        if (next > most)
            return n;
    }
}

static int64_t unique(int64_t *values, int64_t n)
{
    int64_t kept = 0;

    qsort(values, (size_t)n, sizeof(*values), whole_ascending64);
    for (int64_t k = 0; k < n; k++)
        if (kept == 0 || values[k] != values[kept - 1])
            values[kept++] = values[k];
    return kept;
}

/* D cannot be less than that: there are no narrower windows. */
static int64_t raise_to_least(const struct instance *in, int64_t *values, int64_t n)
{
    for (int64_t k = 0; k < n; k++)
        if (values[k] < in->least_deviation)
            values[k] = in->least_deviation;
    return unique(values, n);
}

static int fill_values(struct windows *windows, int64_t most, struct arena *arena)
{
    const struct balance *balance = windows->in->balance;
    int64_t room = count_loads(balance, most) * windows->n_shares, n = 0, group;
    int64_t *values = arena_take(arena, (size_t)room, sizeof(*values));

    if (!values)
        return -ENOMEM;
    for (int share = 0; share < windows->n_shares; share++)
        n += list_deviations(balance, bin_with_share(windows, share), most, values + n);
    n = raise_to_least(windows->in, values, n);
    assert(n > 0);
    group = (n + MAX_WINDOWS - 1) / MAX_WINDOWS;
    windows->n = (int)((n + group - 1) / group);
    windows->least = arena_take(arena, (size_t)windows->n, sizeof(int64_t));
    windows->most = arena_take(arena, (size_t)windows->n, sizeof(int64_t));
    if (!windows->least || !windows->most)
        return -ENOMEM;
    for (int t = 0; t < windows->n; t++) {
        int64_t last = (t + 1) * group - 1;

        windows->least[t] = values[t * group];
        windows->most[t] = values[last < n ? last : n - 1];
    }
    return 0;
}

static int fill_one(struct windows *windows, int64_t most, struct arena *arena)
{
    windows->n = 1;
    windows->least = arena_take(arena, 1, sizeof(int64_t));
    windows->most = arena_take(arena, 1, sizeof(int64_t));
    if (!windows->least || !windows->most)
        return -ENOMEM;
    windows->most[0] = most;
    return 0;
}

int windows_new(const struct instance *in, int64_t most, struct arena *arena, struct windows *ret)
{
    struct windows windows = {.in = in};
    const struct balance *balance = in->balance;
    int r;

    windows.share_of = arena_take(arena, (size_t)in->m, sizeof(int));
    if (!windows.share_of)
        return -ENOMEM;
    find_shares(&windows);
    r = in->problem->objective == PLACEMENT_VARIANCE ? fill_one(&windows, most, arena)
                                                     : fill_values(&windows, most, arena);
    if (r < 0)
        return r;
    windows.low = arena_take(arena, (size_t)windows.n_shares * (size_t)windows.n, sizeof(int));
    windows.high = arena_take(arena, (size_t)windows.n_shares * (size_t)windows.n, sizeof(int));
    if (!windows.low || !windows.high)
        return -ENOMEM;
    for (int share = 0; share < windows.n_shares; share++) {
        int64_t target = balance->target[bin_with_share(&windows, share)];

        for (int t = 0; t < windows.n; t++) {
            int64_t at = (int64_t)share * windows.n + t;
            int64_t low = -floor_div(windows.most[t] - target, balance->parts), high;

            windows.low[at] = (int)(low < 0 ? 0 : low);
            high = floor_div(target + windows.most[t], balance->parts);
            windows.high[at] = (int)(high < balance->total ? high : balance->total);
        }
    }
    *ret = windows;
    return 0;
}

int64_t windows_reach(const struct instance *in, int64_t objective)
{
    double points;

    if (in->problem->objective != PLACEMENT_VARIANCE)
        return objective / in->kappa;
    points = sqrt((double)objective / in->price_scale / (in->problem->nu_milli * 1e-3));
    return (int64_t)ceil(points * 10 * (double)in->balance->parts) + 1;
}

int windows_index(const struct windows *windows, int p, int load)
{
    int64_t deviation =
        instance_deviation(windows->in, p, load + windows->in->balance->background[p]);
    int low = 0, high = windows->n;

    while (low < high) {
        int middle = (low + high) / 2;

        if (windows->most[middle] < deviation)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t windows_objective(const struct windows *windows, int t, int64_t cost)
{
    const struct instance *in = windows->in;

    if (cost >= WINDOWS_IMPOSSIBLE)
        return INT64_MAX / 4;
    if (in->problem->objective == PLACEMENT_VARIANCE)
        return cost < 0 ? 0 : cost;
    if (cost < 0)
        cost = 0;
    return in->kappa * windows->least[t] + in->unit * -floor_div(-cost, in->price_scale);
}

int64_t windows_budget(const struct windows *windows, int t, int64_t objective)
{
    const struct instance *in = windows->in;

    if (in->problem->objective == PLACEMENT_VARIANCE)
        return objective;
    return floor_div(objective - in->kappa * windows->least[t], in->unit) * in->price_scale;
}
