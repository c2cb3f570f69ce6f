/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/host.h"

#include "models/base/whole.h"

int64_t memory_host_promised_kib(const struct memory_reading *reading, int64_t current_kib,
                                 int64_t overhead_kib, int64_t used_kib)
{
    int64_t may_hold = (int64_t)memory_reading_may_hold_kib(reading, (uint64_t)current_kib);
    int64_t touched = used_kib;

    if (memory_reading_is_resident(reading))
        return 0;
    if (reading->has & MEMORY_HAS_RSS)
        touched = (int64_t)reading->rss_kib - overhead_kib;
    return may_hold > touched ? may_hold - touched : 0;
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
    struct memory_host host = {.total_kib = (int64_t)sample->host_total_kib,
                               .reserve_kib =
                                   (int64_t)memory_settings_reserve_kib(settings, sample)};
    bool has_available = sample->host_available_kib > sample->host_free_kib;

    host.free_kib = (int64_t)(has_available ? sample->host_available_kib : sample->host_free_kib);
    for (size_t i = 0; i < sample->n_guests; i++) {
        int64_t current_kib = memory_track_current_kib(&tracks[i]);

        host.current_kib +=
            (int64_t)memory_reading_may_hold_kib(&sample->guests[i], (uint64_t)current_kib);
        host.promised_kib +=
            memory_host_promised_kib(&sample->guests[i], current_kib, tracks[i].overhead_kib,
                                     tracks[i].belief.known ? tracks[i].belief.used_kib : 0);
        host.unsure_kib += unsure_of(&sample->guests[i], &tracks[i]);
    }
    host.promised_kib = (int64_t)(settings->promised_pct / 100 * (double)host.promised_kib);
    host.spare_kib = host.free_kib - host.reserve_kib - host.promised_kib;
    if (settings->host_budget_kib)
        host.spare_kib =
            min64(host.spare_kib, (int64_t)settings->host_budget_kib - host.current_kib);
    *ret = host;
}
