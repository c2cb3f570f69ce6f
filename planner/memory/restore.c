/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/restore.h"

#include <math.h>
#include <stdbool.h>

#include "planner/base/units.h"
#include "planner/memory/host.h"

uint64_t memory_restore_spare_kib(const struct memory_settings *settings,
                                  const struct memory_sample *sample)
{
    int64_t spare =
        (int64_t)(sample->host_available_kib > sample->host_free_kib ? sample->host_available_kib
                                                                     : sample->host_free_kib);

    spare -= (int64_t)memory_settings_reserve_kib(settings, sample);
    for (size_t i = 0; i < sample->n_guests; i++) {
        const struct memory_reading *reading = &sample->guests[i];
        int64_t actual = (int64_t)reading->actual_kib;

        spare -= memory_host_promised_kib(reading, actual, (int64_t)settings->guest_overhead_kib,
                                          actual);
    }
    return spare > 0 ? (uint64_t)spare : 0;
}

/* Whether its statistics tell what it needs. */
static bool is_told(const struct memory_settings *settings, const struct memory_reading *now)
{
    double limit_s = fmax(settings->stats_age_s, 3 * settings->interval_s);

    return (now->has & MEMORY_HAS_UNUSED) && now->unused_kib <= now->actual_kib &&
           !((now->has & MEMORY_HAS_AGE) && seconds_from_ns(now->stats_age_ns) > limit_s);
}

static uint64_t least_kib(const struct memory_settings *settings, const struct memory_reading *now)
{
    uint64_t needs;

    if (!is_told(settings, now))
        return now->actual_kib;
    needs = now->actual_kib - now->unused_kib + settings->guest_unused_kib;
    if (needs < now->beside_kib + settings->guest_least_kib)
        needs = now->beside_kib + settings->guest_least_kib;
    return needs < now->actual_kib ? needs : now->actual_kib;
}

uint64_t memory_restore_size_kib(const struct memory_settings *settings,
                                 const struct memory_reading *now, uint64_t kept_kib,
                                 uint64_t spare_kib)
{
    if (kept_kib > now->actual_kib)
        return kept_kib - now->actual_kib > spare_kib ? now->actual_kib + spare_kib : kept_kib;
    return kept_kib > least_kib(settings, now) ? kept_kib : least_kib(settings, now);
}
