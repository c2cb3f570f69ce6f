/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>

#include "planner/memory/planner.h"

enum { KIB_PER_MIB = 1024 };
static const uint64_t LARGEST_KIB = (uint64_t)1 << 36; /* as in models/memory/problem.c */

void memory_settings_default(struct memory_settings *ret)
{
    *ret = (struct memory_settings){
        .interval_s = 2,
        .guest_unused_kib = 100 * KIB_PER_MIB,
        .guest_least_kib = 200 * KIB_PER_MIB,
        .guest_idle_kib = 30 * KIB_PER_MIB,
        .guest_cache_pct = 100,
        .guest_overhead_kib = 64 * KIB_PER_MIB,
        .host_reserve_kib = 200 * KIB_PER_MIB,
        .release_kib_per_2s = 128 * KIB_PER_MIB,
        .release_pct_per_2s = 25,
        .deadband_kib = 8 * KIB_PER_MIB,
        .fair_step_kib = 16 * KIB_PER_MIB,
        .fall_half_life_s = 4,
        .quiet_s = 8,
        .stuck_s = 6,
        .retry_s = 60,
        .stats_age_s = 10,
    };
}

static int check_number(double value, double least, double most, const char *name, struct err *err)
{
    if (value >= least && value <= most) /* false for NaN */
        return 0;
    return err_set(err, -EINVAL, "%s is %g, but has to lie between %g and %g", name, value, least,
                   most);
}

int memory_settings_check(const struct memory_settings *settings, struct err *err)
{
    const struct {
        double value, least, most;
        const char *name;
    } numbers[] = {
        {settings->interval_s, 0.01, 86400, "interval_s"},
        {settings->host_reserve_pct, 0, 100, "host_reserve_pct"},
        {settings->guest_cache_pct, 0, 100, "guest_cache_pct"},
        {settings->release_pct_per_2s, 0.1, 100, "release_pct_per_2s"},
        {settings->fall_half_life_s, 0, 3600, "fall_half_life_s"},
        {settings->quiet_s, 0, 3600, "quiet_s"},
        {settings->stuck_s, 0.1, 3600, "stuck_s"},
        {settings->retry_s, 0.1, 86400, "retry_s"},
        {settings->stats_age_s, 0.1, 86400, "stats_age_s"},
        {(double)settings->guest_unused_kib, 0, (double)LARGEST_KIB, "guest_unused_kib"},
        {(double)settings->guest_least_kib, 0, (double)LARGEST_KIB, "guest_least_kib"},
        {(double)settings->guest_idle_kib, 0, (double)LARGEST_KIB, "guest_idle_kib"},
        {(double)settings->guest_overhead_kib, 0, (double)LARGEST_KIB, "guest_overhead_kib"},
        {(double)settings->host_reserve_kib, 0, (double)LARGEST_KIB, "host_reserve_kib"},
        {(double)settings->host_budget_kib, 0, (double)LARGEST_KIB, "host_budget_kib"},
        {(double)settings->release_kib_per_2s, 4, (double)LARGEST_KIB, "release_kib_per_2s"},
        {(double)settings->deadband_kib, 0, (double)settings->release_kib_per_2s, "deadband_kib"},
        {(double)settings->fair_step_kib, 0, (double)LARGEST_KIB, "fair_step_kib"},
        {(double)settings->without, 0, MEMORY_WITHOUT_ALL, "without"},
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        int r =
            check_number(numbers[i].value, numbers[i].least, numbers[i].most, numbers[i].name, err);

        if (r < 0)
            return r;
    }
    return 0;
}

uint64_t memory_reserve_kib(const struct memory_settings *settings,
                            const struct memory_sample *sample)
{
    double share = (double)sample->host_total_kib * settings->host_reserve_pct / 100;

    return share > (double)settings->host_reserve_kib ? (uint64_t)share
                                                      : settings->host_reserve_kib;
}

/* Both limits are rates: n KiB per 2 s, and a share that compounds, so that two steps of 1 s take
 * as much as one of 2 s. A longer interval still takes no more at once: a balloon may follow within
 * a moment, and no 2 s are to take more from a guest. */
uint64_t memory_release_limit_kib(const struct memory_settings *settings, uint64_t actual_kib)
{
    double scale = settings->interval_s < 2 ? settings->interval_s / 2 : 1;
    double share = 1 - pow(1 - settings->release_pct_per_2s / 100, scale);
    double by_share = share * (double)actual_kib;
    double by_size = scale * (double)settings->release_kib_per_2s;

    return (uint64_t)(by_share < by_size ? by_share : by_size);
}
