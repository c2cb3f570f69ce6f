/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/pressure.h"

#include "models/base/whole.h"

/* Taking begins below the share that was asked for and is over at this part of it: what is free
 * wavers, and each wave would be a call to every guest. */
static const double ENOUGH = 2.0 / 3;

/* What is to be taken: what the host lacks, and what guests wish beyond what is free. */
static int64_t wanted_kib(const struct memory_settings *settings, const struct memory_host *host,
                          size_t n, const struct memory_item *items)
{
    int64_t enough = (int64_t)(ENOUGH * settings->pressure_pct / 100 * (double)host->total_kib);
    int64_t wishes = 0;

    for (size_t i = 0; i < n; i++)
        wishes += max64(items[i].wish_kib - items[i].current_kib, 0);
    return max64(max64(enough, wishes) - host->spare_kib, 0);
}

/* Where the item keeps its jump as well. */
static int64_t roomy_kib(const struct memory_settings *settings, const struct memory_track *track,
                         const struct memory_item *item)
{
    int64_t jump = settings->use_jumps ? track->demand.jump_kib : 0;

    return clamp64(item->cached_kib + jump, item->rest_kib,
                   max64(item->rest_kib, item->current_kib));
}

/* An item's rest when nobody is brought closer than level to where taking ends. Below 0 the jumps
 * are given up as well. */
static int64_t rest_at(int64_t level, int64_t roomy, const struct memory_item *item)
{
    return clamp64(roomy + level, item->rest_kib, max64(item->rest_kib, item->current_kib));
}

static int64_t taken_at(const struct memory_settings *settings, int64_t level,
                        const struct memory_track *tracks, size_t n,
                        const struct memory_item *items)
{
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        int64_t roomy = roomy_kib(settings, &tracks[i], &items[i]);

        sum += max64(items[i].current_kib - rest_at(level, roomy, &items[i]), 0);
    }
    return sum;
}

void memory_pressure_relax(const struct memory_settings *settings, const struct memory_host *host,
                           const struct memory_track *tracks, size_t n, struct memory_item *items)
{
    int64_t wanted, low, high = 0;

    if (!settings->only_pressed)
        return;
    wanted = wanted_kib(settings, host, n, items);
    for (size_t i = 0; i < n; i++)
        high = max64(high, items[i].current_kib);
    low = -high; /* takes all */
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (taken_at(settings, middle, tracks, n, items) > wanted)
            low = middle;
        else
            high = middle;
    }
    if (taken_at(settings, low, tracks, n, items) <= wanted)
        high = low;
    for (size_t i = 0; i < n; i++)
        items[i].rest_kib = rest_at(high, roomy_kib(settings, &tracks[i], &items[i]), &items[i]);
}
