/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "planner/base/units.h"

/* The largest size is 2^36 KiB, as in models/memory/problem.c. */
#define MEMBER(member) .name = #member, .offset = offsetof(struct memory_settings, member)
static const struct setting SETTINGS[] = {
    /* name, kind, default, least, most */
    {MEMBER(interval_s), SETTING_NUMBER, 2, 0.01, 86400},
    {MEMBER(guest_unused_kib), SETTING_COUNT, 100 * KIB_PER_MIB, 0, 0x1p36},
    {MEMBER(guest_least_kib), SETTING_COUNT, 200 * KIB_PER_MIB, 0, 0x1p36},
    {MEMBER(guest_idle_kib), SETTING_COUNT, 30 * KIB_PER_MIB, 0, 0x1p36},
    {MEMBER(guest_cache_pct), SETTING_NUMBER, 100, 0, 100},
    {MEMBER(guest_overhead_kib), SETTING_COUNT, 64 * KIB_PER_MIB, 0, 0x1p36},
    {MEMBER(host_reserve_kib), SETTING_COUNT, 200 * KIB_PER_MIB, 0, 0x1p36},
    {MEMBER(host_reserve_pct), SETTING_NUMBER, 0, 0, 100},
    {MEMBER(host_budget_kib), SETTING_COUNT, 0, 0, 0x1p36},
    {MEMBER(release_kib_per_2s), SETTING_COUNT, 128 * KIB_PER_MIB, 4, 0x1p36},
    {MEMBER(release_pct_per_2s), SETTING_NUMBER, 25, 0.1, 100},
    {MEMBER(deadband_kib), SETTING_COUNT, 6 * KIB_PER_MIB, 0, 0x1p36},
    {MEMBER(fair_step_kib), SETTING_COUNT, 16 * KIB_PER_MIB, 0, 0x1p36},
    {MEMBER(fall_half_life_s), SETTING_NUMBER, 4, 0, 3600},
    {MEMBER(quiet_s), SETTING_NUMBER, 8, 0, 3600},
    {MEMBER(stuck_s), SETTING_NUMBER, 6, 0.1, 3600},
    {MEMBER(retry_s), SETTING_NUMBER, 60, 0.1, 86400},
    {MEMBER(stats_age_s), SETTING_NUMBER, 10, 0.1, 86400},
    {MEMBER(only_pressed), SETTING_SWITCH, 0, 0, 1, .is_optional = true},
    {MEMBER(pressure_pct), SETTING_NUMBER, 20, 0, 100, .is_optional = true},
    {MEMBER(refused_s), SETTING_NUMBER, 10, 0, 3600, .is_optional = true},
    {MEMBER(max_kept_kib), SETTING_COUNT, 64 * KIB_PER_MIB, 4, 0x1p36, .is_optional = true},
    {MEMBER(floor_pct), SETTING_NUMBER, 100, 0, 100, .is_optional = true},
    {MEMBER(promised_pct), SETTING_NUMBER, 100, 0, 100, .is_optional = true},
    {MEMBER(advance_pct), SETTING_NUMBER, 0, 0, 100, .is_optional = true},
    {MEMBER(margin_climbs), SETTING_NUMBER, 3, 0, 100, .is_optional = true},
    {MEMBER(dip_kib), SETTING_COUNT, 8 * KIB_PER_MIB, 0, 0x1p36, .is_optional = true},
    {MEMBER(headroom_pct), SETTING_NUMBER, 100, 0, 100, .is_optional = true},
    {MEMBER(max_patience_s), SETTING_NUMBER, 300, 0, 3600, .is_optional = true},
    {MEMBER(progress_kib), SETTING_COUNT, 1024, 4, 0x1p36, .is_optional = true},
    {MEMBER(max_reverts), SETTING_COUNT, 2, 1, 0x1p36, .is_optional = true},
    {MEMBER(corrections), SETTING_NUMBER, 1, 0, 1e9, .is_optional = true},
    {MEMBER(min_readings), SETTING_COUNT, 3, 0, 1000, .is_optional = true},
    {MEMBER(use_jumps), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(use_old_reports), SETTING_SWITCH, 0, 0, 1, .is_optional = true},
    {MEMBER(use_pairing), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
    {MEMBER(use_disbelief), SETTING_SWITCH, 1, 0, 1, .is_optional = true},
};
enum { N_SETTINGS = sizeof(SETTINGS) / sizeof(SETTINGS[0]) };

const struct setting *memory_settings_table(size_t *n)
{
    *n = N_SETTINGS;
    return SETTINGS;
}

void memory_settings_default(struct memory_settings *ret)
{
    *ret = (struct memory_settings){0};
    setting_defaults(SETTINGS, N_SETTINGS, ret);
}

int memory_settings_check(const struct memory_settings *settings, struct err *err)
{
    int r = setting_check(SETTINGS, N_SETTINGS, settings, err);

    if (r == 0 && settings->deadband_kib > settings->release_kib_per_2s)
        return err_set(err, -EINVAL,
                       "deadband_kib is %" PRIu64 ", but may be no more than release_kib_per_2s, "
                       "%" PRIu64,
                       settings->deadband_kib, settings->release_kib_per_2s);
    return r;
}

uint64_t memory_settings_reserve_kib(const struct memory_settings *settings,
                                     const struct memory_sample *sample)
{
    double share = (double)sample->host_total_kib * settings->host_reserve_pct / 100;

    return share > (double)settings->host_reserve_kib ? (uint64_t)share
                                                      : settings->host_reserve_kib;
}

/* Both limits are rates: n KiB per 2 s, and a share that compounds, so that two steps of 1 s take
 * as much as one of 2 s. A longer interval still takes no more at once: a balloon may follow within
 * a moment, and no 2 s are to take more from a guest. */
uint64_t memory_settings_release_limit_kib(const struct memory_settings *settings,
                                           uint64_t actual_kib)
{
    double scale = settings->interval_s < 2 ? settings->interval_s / 2 : 1;
    double share = 1 - pow(1 - settings->release_pct_per_2s / 100, scale);
    double by_share = share * (double)actual_kib;
    double by_size = scale * (double)settings->release_kib_per_2s;

    return (uint64_t)(by_share < by_size ? by_share : by_size);
}
