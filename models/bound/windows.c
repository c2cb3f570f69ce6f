/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/windows.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "models/base/whole.h"

enum {
    /* More distinct deviations are merged in groups (hosts with many different capacities). */
    MAX_WINDOWS = 1 << 16,
    /* Windows times kinds of bins; with more, the sets of bins do not count. */
    MAX_LOADS = 1 << 22,
    MAX_ROUNDS = 4, /* of tightening; one set hardly ever learns more from the others */
};

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
    return 2 * (most / (balance->scale / 10)) + 3;
}

/* Deviations of the loads around p's target up to the limit, ascending. */
static int64_t list_deviations(const struct balance *balance, int p, int64_t most, int64_t *ret)
{
    int64_t below = balance_target_load(balance, p), above = below + 1, n = 0;

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

/* ---- Loads ---- */

struct kind {
    uint32_t within; /* bit k: the bins lie in set k */
    int share, first, n_bins;
    int64_t background; /* of all its bins */
};

/* Returns the kinds of bins, or NULL. */
static struct kind *find_kinds(struct windows *windows, bool has_sets, struct arena *arena)
{
    int m = windows->in->m;
    struct kind *kinds = arena_take(arena, (size_t)m, sizeof(*kinds));
    uint32_t *within = arena_take(arena, (size_t)m, sizeof(*within));

    if (!kinds || !within)
        return NULL;
    for (int k = 0; has_sets && k < windows->sets.n; k++)
        for (int z = 0; z < windows->sets.set[k].n_bins; z++)
            within[windows->sets.set[k].bins[z]] |= UINT32_C(1) << k;
    windows->n_kinds = 0;
    for (int p = 0; p < m; p++) {
        int kind = 0, share = windows->share_of[p];

        while (kind < windows->n_kinds &&
               (kinds[kind].share != share || kinds[kind].within != within[p]))
            kind++;
        if (kind == windows->n_kinds)
            kinds[windows->n_kinds++] =
                (struct kind){.within = within[p], .share = share, .first = p};
        kinds[kind].n_bins++;
        kinds[kind].background += windows->in->balance->background[p];
        windows->kind_of[p] = kind;
    }
    return kinds;
}

static void fill_deviations(struct windows *windows, const struct kind *kinds)
{
    const struct balance *balance = windows->in->balance;

    for (int kind = 0; kind < windows->n_kinds; kind++) {
        int64_t at = (int64_t)kind * windows->n;
        int first = kinds[kind].first;

        for (int t = 0; t < windows->n; t++, at++) {
            int64_t low = balance_low(balance, first, windows->most[t]);
            int64_t high = balance_high(balance, first, windows->most[t]);

            windows->low[at] = (int)max64(low, 0);
            windows->high[at] = (int)min64(high, balance->total);
        }
    }
}

/* A bin of the set takes what the others have no room for of the items that may run nowhere else. */
static bool raise_lows(struct windows *windows, const struct kind *kinds, int set, int t)
{
    int64_t left = windows->sets.set[set].confined_weight;
    bool is_changed = false;

    for (int kind = 0; kind < windows->n_kinds; kind++)
        if (kinds[kind].within >> set & 1)
            left += kinds[kind].background -
                    (int64_t)kinds[kind].n_bins * windows->high[(int64_t)kind * windows->n + t];
    for (int kind = 0; kind < windows->n_kinds; kind++) {
        int64_t at = (int64_t)kind * windows->n + t, low = left + windows->high[at];

        if (kinds[kind].within >> set & 1 && low > windows->low[at]) {
            windows->low[at] = (int)min64(low, windows->in->balance->total + 1);
            is_changed = true;
        }
    }
    return is_changed;
}

/* A bin of the set takes no more than the others leave of the items that may run in the set. */
static bool cut_highs(struct windows *windows, const struct kind *kinds, int set, int t)
{
    int64_t left = windows->sets.set[set].reaching_weight;
    bool is_changed = false;

    for (int kind = 0; kind < windows->n_kinds; kind++)
        if (kinds[kind].within >> set & 1)
            left += kinds[kind].background -
                    (int64_t)kinds[kind].n_bins * windows->low[(int64_t)kind * windows->n + t];
    for (int kind = 0; kind < windows->n_kinds; kind++) {
        int64_t at = (int64_t)kind * windows->n + t, high = left + windows->low[at];

        if (kinds[kind].within >> set & 1 && high < windows->high[at]) {
            windows->high[at] = (int)max64(high, -1);
            is_changed = true;
        }
    }
    return is_changed;
}

static void tighten(struct windows *windows, const struct kind *kinds)
{
    for (int t = 0; t < windows->n; t++) {
        bool is_changed = true;

        for (int round = 0; round < MAX_ROUNDS && is_changed; round++) {
            is_changed = false;
            for (int set = 0; set < windows->sets.n; set++) {
                is_changed |= raise_lows(windows, kinds, set, t);
                is_changed |= cut_highs(windows, kinds, set, t);
            }
        }
    }
}

static int fill_loads(struct windows *windows, struct arena *arena)
{
    struct arena scratch = {0};
    const struct kind *kinds = find_kinds(windows, true, &scratch);
    size_t n = (size_t)windows->n;
    int r = -ENOMEM;

    if (kinds && (size_t)windows->n_kinds * n > MAX_LOADS)
        kinds = find_kinds(windows, false, &scratch);
    windows->low = arena_take(arena, (size_t)windows->n_kinds * n, sizeof(int));
    windows->high = arena_take(arena, (size_t)windows->n_kinds * n, sizeof(int));
    if (!kinds || !windows->low || !windows->high)
        goto out;
    fill_deviations(windows, kinds);
    tighten(windows, kinds);
    r = 0;
out:
    arena_done(&scratch);
    return r;
}

int windows_new(const struct instance *in, int64_t most, struct arena *arena, struct windows *ret)
{
    struct windows windows = {.in = in};
    int r;

    windows.share_of = arena_take(arena, (size_t)in->m, sizeof(int));
    windows.kind_of = arena_take(arena, (size_t)in->m, sizeof(int));
    r = bin_sets_new(in, arena, &windows.sets);
    if (r < 0)
        return r;
    find_shares(&windows);
    r = in->problem->objective == PLACEMENT_VARIANCE ? fill_one(&windows, most, arena)
                                                     : fill_values(&windows, most, arena);
    if (r < 0)
        return r;
    r = fill_loads(&windows, arena);
    if (r < 0)
        return r;
    *ret = windows;
    return 0;
}

/* No bin can be farther off: it is empty, or everything is in it. */
static int64_t farthest(const struct instance *in)
{
    const struct balance *balance = in->balance;
    int64_t most = 0;

    for (int p = 0; p < in->m; p++)
        most = max64(most, max64(balance_deviation(balance, p, 0),
                                 balance_deviation(balance, p, balance->total)));
    return most;
}

int64_t windows_reach(const struct instance *in, int64_t objective)
{
    double points;

    if (in->problem->objective != PLACEMENT_VARIANCE)
        return min64(objective / in->kappa, farthest(in));
    points = sqrt((double)objective / in->price_scale / (in->problem->nu_milli * 1e-3));
    return (int64_t)ceil(points * 10 * (double)in->balance->parts) + 1;
}

int windows_index(const struct windows *windows, int p, int load)
{
    int low = 0, high = windows->n;

    while (low < high) {
        int middle = (low + high) / 2;

        if (load < windows_low(windows, p, middle) || load > windows_high(windows, p, middle))
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

int64_t windows_cost_from(const struct windows *windows, int t, int64_t objective)
{
    const struct instance *in = windows->in;

    if (in->problem->objective == PLACEMENT_VARIANCE)
        return objective;
    return -floor_div(in->kappa * windows->most[t] - objective, in->unit) * in->price_scale;
}
