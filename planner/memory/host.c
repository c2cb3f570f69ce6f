/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/host.h"

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What the guest may still take from the host without asking: all it holds or has been promised,
 * and what its process needs, less what it has touched. Where the host does not tell that (some
 * remote drivers), what the guest uses is what it has touched for certain. Locked memory was taken
 * as a whole when the guest started. */
static int64_t promised_to(const struct memory_reading *reading, const struct memory_track *track)
{
    int64_t current = memory_track_current_kib(track);
    int64_t touched = 0;

    if (reading->locked)
        return 0;
    if (reading->has & MEMORY_HAS_RSS)
        touched = (int64_t)reading->rss_kib - track->overhead_kib;
    else if (track->belief.known)
        touched = track->belief.used_kib;
    return current > touched ? current - touched : 0;
}

/* A guest that has just been restarted has given back what it had touched. Where the host does not
 * tell, nothing is granted on the strength of what the guest said before. */
static int64_t unsure_of(const struct memory_reading *reading, const struct memory_track *track)
{
    bool is_told = reading->has & MEMORY_HAS_RSS;
    bool is_odd = track->response.disturbed || track->belief.bad_since_ns;

    return !is_told && is_odd && track->belief.known ? track->belief.used_kib : 0;
}

void memory_host_account(const struct memory_settings *settings, const struct memory_sample *sample,
                         const struct memory_track *tracks, struct memory_host *ret)
{
    struct memory_host host = {.reserve_kib =
                                   (int64_t)memory_settings_reserve_kib(settings, sample)};
    bool has_available = sample->host_available_kib > sample->host_free_kib;

    host.free_kib = (int64_t)(has_available ? sample->host_available_kib : sample->host_free_kib);
    for (size_t i = 0; i < sample->n_guests; i++) {
        host.current_kib += memory_track_current_kib(&tracks[i]);
        host.promised_kib += promised_to(&sample->guests[i], &tracks[i]);
        host.unsure_kib += unsure_of(&sample->guests[i], &tracks[i]);
    }
    host.promised_kib = (int64_t)(settings->promised_pct / 100 * (double)host.promised_kib);
    host.spare_kib = host.free_kib - host.reserve_kib - host.promised_kib;
    if (settings->host_budget_kib)
        host.spare_kib =
            min64(host.spare_kib, (int64_t)settings->host_budget_kib - host.current_kib);
    *ret = host;
}
