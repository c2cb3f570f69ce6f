/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/ablation.h"

static const uint64_t MAX_KIB = (uint64_t)1 << 36;

void without_promises(struct memory_settings *settings)
{
    settings->promised_pct = 0;
}

void without_overhead(struct memory_settings *settings)
{
    settings->guest_overhead_kib = 0;
}

void without_phases(struct memory_settings *settings)
{
    settings->advance_pct = 100;
}

void without_patience(struct memory_settings *settings)
{
    settings->max_patience_s = 0;
}

void without_margin(struct memory_settings *settings)
{
    settings->margin_climbs = 0;
}

void without_dips(struct memory_settings *settings)
{
    settings->dip_kib = 0;
}

void without_jumps(struct memory_settings *settings)
{
    settings->use_jumps = false;
}

void without_pressure(struct memory_settings *settings)
{
    settings->only_pressed = false;
}

void without_stuck(struct memory_settings *settings)
{
    settings->stuck_s = 3600;
    settings->max_reverts = MAX_KIB;
    settings->corrections = 1e9;
}

void without_progress(struct memory_settings *settings)
{
    settings->progress_kib = MAX_KIB;
}

void without_disbelief(struct memory_settings *settings)
{
    settings->use_disbelief = false;
}

void without_pairing(struct memory_settings *settings)
{
    settings->use_pairing = false;
}

void without_backoff(struct memory_settings *settings)
{
    settings->refused_s = 0;
}

void without_yield(struct memory_settings *settings)
{
    settings->max_kept_kib = MAX_KIB;
}

void without_step_limit(struct memory_settings *settings)
{
    settings->release_kib_per_2s = MAX_KIB;
    settings->release_pct_per_2s = 100;
}

void without_deadband(struct memory_settings *settings)
{
    settings->deadband_kib = 4;
}

void without_idle_band(struct memory_settings *settings)
{
    settings->guest_idle_kib = 0;
}

void without_forecast(struct memory_settings *settings)
{
    settings->headroom_pct = 0;
}

void without_slow_fall(struct memory_settings *settings)
{
    settings->fall_half_life_s = 0;
}

void without_direction(struct memory_settings *settings)
{
    settings->quiet_s = 0;
}

void without_floors(struct memory_settings *settings)
{
    settings->floor_pct = 0;
}

void without_learning(struct memory_settings *settings)
{
    settings->min_readings = 0;
}
