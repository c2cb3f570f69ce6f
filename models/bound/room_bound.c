/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/room_bound.h"

#include "models/bound/profile.h"

static bool has_room(const struct instance *in, const struct pattern *pattern)
{
    int64_t left = rules_room(&in->rules, pattern->bin, 0);

    for (int k = 0; k < pattern->n_items; k++)
        left -= rules_size(&in->rules, pattern->items[k], 0);
    return pattern->n_items >= 0 && left >= 0 && !pattern->is_relaxed;
}

/* Where no set has room the one by load stays. */
static void read_pattern(const struct pricing *pricing, int p, int target, struct pattern *ret)
{
    int kept, best = profile_best(pricing, p, target);

    if (best < 0)
        return;
    ret->is_relaxed = false;
    ret->n_items = room_pool_members(pricing->rooms, p, best, ret->items, &kept);
    for (int z = kept; z < ret->n_items; z++)
        for (int k = 0; k < kept && pricing->in->home[ret->items[z]] == p; k++)
            ret->is_relaxed |= ret->items[k] == ret->items[z];
}

int64_t room_bound_raise(struct pricing *pricing, int p, const int *duals, struct evaluation *ev,
                         int32_t *values)
{
    int low = windows_low(pricing->windows, p, pricing->top);
    int high = windows_high(pricing->windows, p, pricing->top);
    const int32_t *row;
    int64_t cells;

    if (high < 0 || (ev->pattern && has_room(pricing->in, &ev->pattern[p])))
        return 0;
    cells = room_pool_look(pricing->rooms, p, duals, high, &row);
    for (int x = low; x <= high; x++)
        pricing->profile[x - low] = row[x] + profile_charge(pricing, p, x, 0);
    if (ev->pattern)
        read_pattern(pricing, p, ev->window, &ev->pattern[p]);
    profile_run_windows(pricing, p, pricing->room_values);
    for (int t = pricing->bottom; t <= pricing->top; t++)
        if (pricing->room_values[t] > values[t])
            values[t] = pricing->room_values[t];
    return cells;
}
