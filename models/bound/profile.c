/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/profile.h"

#include "models/base/whole.h"
#include "models/bound/kernels.h"

/* What overload costs is capped, not infinite: the bound stays a bound, and no cell overflows. */
enum { MAX_OVERLOAD = 1 << 24 };

int32_t profile_charge(const struct pricing *pricing, int p, int x, int excess)
{
    const struct instance *in = pricing->in;
    int64_t charge = pricing->square ? pricing->square[(int64_t)p * pricing->max_cells + x] : 0;

    if (in->balance->has_overload)
        charge += min64(MAX_OVERLOAD,
                        in->price_scale *
                            instance_overload(in, p, x + in->balance->background[p], excess));
    return (int32_t)charge;
}

/* The least of all sets without excess at loads low .. high, charge included: whole rows are looked at, for
 * a window may have hundreds of loads. What the profile holds is overwritten. */
static int32_t least_without_excess(const struct pricing *pricing, int p, struct pool pool, int low,
                                    int high)
{
    int32_t *row = pricing->profile, best = KERNEL_INFINITE;

    for (int x = low; x <= high; x++)
        row[x - low] = KERNEL_INFINITE;
    for (int z = 0; z < pricing->own.n; z++) {
        int s = pricing->own.weight[z], from = max_int(s, low);

        if (pricing->own.excess[z] == 0 && from <= high)
            kernel_least(row + (from - low), pool.least + (from - s), pricing->own.cost[z],
                         high - from + 1);
    }
    for (int x = low; x <= high; x++)
        if (row[x - low] < KERNEL_REACHED)
            best = min_int(best, row[x - low] + profile_charge(pricing, p, x, 0));
    return best;
}

/* The same of one set. */
static int32_t least_of(const struct pricing *pricing, int p, struct pool pool, int z, int low,
                        int high)
{
    int s = pricing->own.weight[z];
    int32_t best = KERNEL_INFINITE;

    for (int x = max_int(s, low); x <= high; x++)
        if (pool.least[x - s] < KERNEL_REACHED)
            best = min_int(best, pricing->own.cost[z] + pool.least[x - s] +
                                     profile_charge(pricing, p, x, pricing->own.excess[z]));
    return best;
}

/* No profile value above this can be the least of any window: the least of the narrowest. */
static int32_t threshold(const struct pricing *pricing, int p, struct pool pool)
{
    int low = windows_low(pricing->windows, p, pricing->bottom);
    int high = windows_high(pricing->windows, p, pricing->bottom);
    int32_t best;

    if (pricing->square) { /* one wide window: look around the target */
        int64_t load =
            balance_target_load(pricing->in->balance, p) - pricing->in->balance->background[p];
        int middle = load < low ? low : load > high ? high : (int)load;

        low = middle;
        high = middle < high ? middle + 1 : high;
    }
    best = least_without_excess(pricing, p, pool, low, high);
    for (int z = 0; z < pricing->own.n; z++)
        if (pricing->own.excess[z] > 0)
            best = min_int(best, least_of(pricing, p, pool, z, low, high));
    return best;
}

static int64_t profile_of_many(struct pricing *pricing, int p, const int *duals, struct pool pool)
{
    int low = windows_low(pricing->windows, p, pricing->top);
    int high = windows_high(pricing->windows, p, pricing->top);
    const int32_t *row;
    int64_t cells = kept_sets_add_many(&pricing->own, p, duals, pool.least, high, &row);

    for (int x = low; x <= high; x++)
        pricing->profile[x - low] = row[x] + profile_charge(pricing, p, x, 0);
    return cells;
}

/* row[x - low] = least price of item load x, uncharged, over the kept sets that have excess or over
 * the others. Returns the cells touched. */
static int64_t fill_row(struct pricing *pricing, int p, struct pool pool, int32_t most, bool excess,
                        int32_t *row)
{
    int low = windows_low(pricing->windows, p, pricing->top);
    int high = windows_high(pricing->windows, p, pricing->top);
    int64_t cells = 0;

    for (int x = 0; x <= high - low; x++)
        row[x] = KERNEL_INFINITE;
    for (int z = 0; z < pricing->own.n; z++) {
        int s = pricing->own.weight[z], from = s > low ? s : low;

        if (from > high || pricing->own.cost[z] + pool.floor[high - s] > most ||
            (pricing->own.excess[z] > 0) != excess)
            continue;
        kernel_least(row + (from - low), pool.least + (from - s), pricing->own.cost[z],
                     high - from + 1);
        cells += high - from + 1;
    }
    return cells;
}

/* The profile is charged here. */
static void add_charges(struct pricing *pricing, int p, int excess)
{
    int low = windows_low(pricing->windows, p, pricing->top);
    int high = windows_high(pricing->windows, p, pricing->top);

    for (int x = 0; x <= high - low; x++) {
        int32_t with = KERNEL_INFINITE;

        pricing->profile[x] += profile_charge(pricing, p, x + low, 0);
        if (excess > 0)
            with = pricing->with_excess[x] + profile_charge(pricing, p, x + low, excess);
        if (with < pricing->profile[x])
            pricing->profile[x] = with;
    }
}

int64_t profile_fill(struct pricing *pricing, int p, const int *duals, struct pool pool)
{
    int high = windows_high(pricing->windows, p, pricing->top), excess = 0;
    int64_t cells = 0;
    int32_t most;

    if (pricing_is_whole(pricing, p))
        kept_sets_send_all(&pricing->own, p, duals);
    else if (high >= 0 && kept_sets_has_many(&pricing->own, p))
        return profile_of_many(pricing, p, duals, pool);
    else
        cells = kept_sets_fill(&pricing->own, p, duals, high);
    most = threshold(pricing, p, pool);
    cells += fill_row(pricing, p, pool, most, false, pricing->profile);
    for (int z = 0; z < pricing->own.n; z++)
        excess = max_int(excess, pricing->own.excess[z]);
    if (excess > 0)
        cells += fill_row(pricing, p, pool, most, true, pricing->with_excess);
    if (pricing->square || pricing->in->balance->has_overload)
        add_charges(pricing, p, excess);
    return cells;
}

void profile_run_windows(const struct pricing *pricing, int p, int32_t *ret)
{
    const struct windows *windows = pricing->windows;
    int base = windows_low(windows, p, pricing->top);
    int from = 0, to = -1;
    int32_t least = KERNEL_INFINITE;

    for (int t = pricing->bottom; t <= pricing->top; t++) {
        int low = windows_low(windows, p, t), high = windows_high(windows, p, t);

        ret[t] = least;
        if (low > high) /* no load at all, nor in any narrower one */
            continue;
        if (from > to) {
            from = low;
            to = low - 1;
        }
        while (from > low) {
            int32_t value = pricing->profile[--from - base];
            least = value < least ? value : least;
        }
        while (to < high) {
            int32_t value = pricing->profile[++to - base];
            least = value < least ? value : least;
        }
        ret[t] = least;
    }
}

int profile_best(const struct pricing *pricing, int p, int window)
{
    const struct windows *windows = pricing->windows;
    int base = windows_low(windows, p, pricing->top), best = -1;
    int32_t least = KERNEL_REACHED;

    for (int x = windows_low(windows, p, window); x <= windows_high(windows, p, window); x++) {
        if (pricing->profile[x - base] < least) {
            least = pricing->profile[x - base];
            best = x;
        }
    }
    return best;
}
