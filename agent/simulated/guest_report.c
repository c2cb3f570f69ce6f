/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/guest_report.h"

#include <math.h>

#include "agent/simulated/memory.h"

/* What a guest's balloon driver tells about its memory. The figures are taken once per period, so
 * what a program reads is up to a period old. */

static const uint64_t period_ns = 1000000000;
/* How far a clock that is wrong is ahead. */
static const uint64_t ahead_ns = 3600 * UINT64_C(1000000000);
/* The kernel image and its page tables: what the guest has but does not count as its total. */
static const double kernel_kib = 28 * 1024;

static bool can_tell(const struct simulated *world, const struct guest_state_now *guest)
{
    return guest->spec->has_balloon && guest->balloon.manner.driver != 0 && !guest->paused &&
           world->now_ns >= guest->up_ns;
}

void guest_report_now(const struct simulated *world, struct guest_state_now *guest)
{
    struct memory_report *report = &guest->report;

    if (!can_tell(world, guest) || guest->statistics == STATISTICS_FROZEN)
        return;
    *report = (struct memory_report){
        .told = true,
        .at_ns = world->now_ns,
        .unused_kib = memory_free_kib(guest),
        .available_kib = guest->actual_kib - kernel_kib,
        .caches_kib = guest->cache_kib,
        .swap_in_kib = guest->swap_in_kib,
        .swap_out_kib = guest->swap_out_kib,
        .major_faults = guest->major_faults,
    };
    /* MemAvailable: the watermark and half of the cache are not counted on. */
    report->usable_kib =
        fmax(report->unused_kib + guest->cache_kib / 2 - guest->spec->watermark_kib / 2, 0);
}

void guest_report_step(struct simulated *world, struct guest_state_now *guest)
{
    if (!guest->present || world->now_ns < guest->next_report_ns)
        return;
    guest->next_report_ns += period_ns;
    guest_report_now(world, guest);
}

static void tell(const struct simulated *world, const struct memory_report *report,
                 struct memory_reading *ret)
{
    ret->has |= MEMORY_HAS_UNUSED | MEMORY_HAS_AVAILABLE | MEMORY_HAS_USABLE | MEMORY_HAS_CACHES |
                MEMORY_HAS_SWAP | MEMORY_HAS_FAULTS | MEMORY_HAS_AGE;
    ret->unused_kib = (uint64_t)report->unused_kib;
    ret->available_kib = (uint64_t)fmax(report->available_kib, 0);
    ret->usable_kib = (uint64_t)report->usable_kib;
    ret->caches_kib = (uint64_t)report->caches_kib;
    ret->swap_in_kib = (uint64_t)report->swap_in_kib;
    ret->swap_out_kib = (uint64_t)report->swap_out_kib;
    ret->major_faults = (uint64_t)report->major_faults;
    ret->stats_age_ns = world->now_ns - report->at_ns;
}

static void lie(enum statistics_kind statistics, struct memory_reading *ret)
{
    switch (statistics) {
    case STATISTICS_MINUS_ONE:
        ret->unused_kib = ret->available_kib = ret->usable_kib = UINT64_MAX;
        break;
    case STATISTICS_ZERO:
        ret->unused_kib = ret->available_kib = ret->usable_kib = ret->caches_kib = 0;
        break;
    case STATISTICS_ABSURD:
        ret->unused_kib = 3 * ret->actual_kib;
        break;
    case STATISTICS_FUTURE:
        ret->stats_age_ns = 0 - ahead_ns; /* below zero, as unsigned arithmetic shows it */
        break;
    case STATISTICS_OK:
    case STATISTICS_MISSING:
    case STATISTICS_FROZEN:
        break;
    }
}

/* What the guest's definition says about its memory; where it is not seen, sizes are as a
 * hypervisor tells them, with everything in them. */
static void read_definition(const struct guest_state_now *guest, struct memory_reading *ret)
{
    const struct scenario_guest *spec = guest->spec;

    if (spec->is_told) {
        ret->lock = spec->lock;
        ret->locked = spec->lock != MEMORY_LOCK_UNTOLD;
        ret->beside_kib = (uint64_t)guest->plugged_kib;
        ret->limit_kib = (uint64_t)spec->hard_limit_kib;
    } else {
        ret->maximum_kib +=
            (uint64_t)(spec->virtio_mem_kib - guest->plugged_kib + spec->nvdimm_kib);
    }
}

void guest_report_read(const struct simulated *world, const struct guest_state_now *guest,
                       struct memory_reading *ret)
{
    ret->guest = guest->spec->id;
    ret->number = guest->run;
    ret->run = guest->arrives_ns && guest->spec->is_told  ? GUEST_ARRIVING
               : guest->paused                            ? GUEST_PAUSED
               : world->now_ns < guest->migrates_until_ns ? GUEST_MIGRATING
               : world->now_ns < guest->starts_ns         ? GUEST_STARTING
                                                          : GUEST_RUNNING;
    ret->has_balloon = guest->spec->has_balloon;
    ret->stats_period_s = (unsigned)(period_ns / 1000000000);
    ret->has = MEMORY_HAS_RSS;
    ret->actual_kib = (uint64_t)guest->actual_kib;
    ret->maximum_kib = (uint64_t)guest->maximum_kib;
    read_definition(guest, ret);
    ret->rss_kib = (uint64_t)(guest->touched_kib + guest->spec->overhead_kib);
    ret->policy = guest->spec->policy;
    if (guest->report.told && guest->statistics != STATISTICS_MISSING)
        tell(world, &guest->report, ret);
    lie(guest->statistics, ret);
}
