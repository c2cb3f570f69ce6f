/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/restore.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct kept {
    struct guest_id guest;
    unsigned vcpu;       /* 0 for memory */
    uint64_t actual_kib; /* memory */
    struct cpuset mask;  /* vCPUs */
};

struct restore {
    struct kept *kept;
    size_t n, room;
};

struct restore *restore_new(void)
{
    return calloc(1, sizeof(struct restore));
}

void restore_free(struct restore *restore)
{
    if (!restore)
        return;
    free(restore->kept);
    free(restore);
}

static const struct kept *find_kept(const struct restore *restore, const struct guest_id *guest,
                                    unsigned vcpu)
{
    for (size_t i = 0; i < restore->n; i++) {
        const struct kept *kept = &restore->kept[i];

        if (kept->vcpu == vcpu && guest_compare(&kept->guest, guest) == 0)
            return kept;
    }
    return NULL;
}

static int keep(struct restore *restore, const struct kept *kept, struct err *err)
{
    struct kept *grown;

    if (find_kept(restore, &kept->guest, kept->vcpu))
        return 0;
    if (restore->n == restore->room) {
        size_t room = restore->room ? restore->room * 2 : 16;

        grown = realloc(restore->kept, room * sizeof(*grown));
        if (!grown)
            return err_set(err, -ENOMEM, "out of memory for what --restore has to put back");
        restore->kept = grown;
        restore->room = room;
    }
    restore->kept[restore->n++] = *kept;
    return 0;
}

static const struct vcpu_reading *find_vcpu(const struct vcpu_sample *sample,
                                            const struct guest_id *guest, unsigned vcpu)
{
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];

        if (reading->vcpu == vcpu && guest_compare(&reading->guest, guest) == 0)
            return reading;
    }
    return NULL;
}

int restore_keep_vcpus(struct restore *restore, const struct vcpu_sample *sample,
                       const struct vcpu_plan *plan, struct err *err)
{
    for (size_t i = 0; i < plan->n_pins; i++) {
        const struct vcpu_pin *pin = &plan->pins[i];
        const struct vcpu_reading *reading = find_vcpu(sample, &pin->guest, pin->vcpu);
        int r;

        if (!reading)
            continue;
        r = keep(restore,
                 &(struct kept){.guest = pin->guest, .vcpu = pin->vcpu, .mask = reading->mask},
                 err);
        if (r < 0)
            return r;
    }
    return 0;
}

static const struct memory_reading *find_guest(const struct memory_sample *sample,
                                               const struct guest_id *guest)
{
    for (size_t i = 0; i < sample->n_guests; i++) {
        if (guest_compare(&sample->guests[i].guest, guest) == 0)
            return &sample->guests[i];
    }
    return NULL;
}

static int keep_steps(struct restore *restore, const struct memory_sample *sample,
                      const struct balloon_step *steps, size_t n, struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < n && r >= 0; i++) {
        const struct memory_reading *reading = find_guest(sample, &steps[i].guest);

        if (reading)
            r = keep(restore,
                     &(struct kept){.guest = reading->guest, .actual_kib = reading->actual_kib},
                     err);
    }
    return r;
}

int restore_keep_memory(struct restore *restore, const struct memory_sample *sample,
                        const struct memory_plan *plan, struct err *err)
{
    int r = keep_steps(restore, sample, plan->reclaims, plan->n_reclaims, err);

    return r < 0 ? r : keep_steps(restore, sample, plan->grants, plan->n_grants, err);
}

/* Some hypervisors refuse a set with a pCPU that is offline: then what is online of it has to do. */
static int put_back(const struct host *host, const struct vcpu_sample *sample,
                    const struct vcpu_reading *now, const struct cpuset *mask, struct err *err)
{
    struct cpuset online = {0};
    int r = host->set_affinity(host->self, &now->guest, now->vcpu, mask, err);

    for (size_t p = 0; p < sample->n_pcpus; p++)
        cpuset_add(&online, sample->pcpus[p].id);
    cpuset_and(&online, mask);
    if (r >= 0 || r == -ENOENT || r == -ENOTCONN || cpuset_equal(&online, mask) ||
        cpuset_count(&online) == 0)
        return r;
    return host->set_affinity(host->self, &now->guest, now->vcpu, &online, err);
}

int restore_vcpus(const struct restore *restore, const struct host *host, const struct log *log,
                  struct tally *tally, struct err *err)
{
    struct vcpu_sample sample = {0};
    int r;

    r = host->sample_vcpus(host->self, &sample, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < sample.n_vcpus; i++) {
        const struct vcpu_reading *now = &sample.vcpus[i];
        const struct kept *kept = find_kept(restore, &now->guest, now->vcpu);
        struct err failure = {0};

        if (!kept || cpuset_equal(&kept->mask, &now->mask))
            continue;
        r = put_back(host, &sample, now, &kept->mask, &failure);
        if (!tally_add(tally, log, &now->guest, r, &failure))
            break;
    }
    vcpu_sample_done(&sample);
    return 0;
}

/* Whether its statistics tell what it needs. Only one report is there to judge by. */
static bool is_told(const struct memory_reading *now, const struct memory_settings *settings)
{
    double limit_s = fmax(settings->stats_age_s, 3 * settings->interval_s);

    return (now->has & MEMORY_HAS_UNUSED) && now->unused_kib <= now->actual_kib &&
           !(now->has & MEMORY_HAS_AGE && (double)now->stats_age_ns / 1e9 > limit_s);
}

static uint64_t least_now_kib(const struct memory_reading *now,
                              const struct memory_settings *settings)
{
    uint64_t used;

    if (!is_told(now, settings))
        return now->actual_kib; /* never less than it has */
    used = now->actual_kib - now->unused_kib + settings->guest_unused_kib;
    return used > settings->guest_least_kib ? used : settings->guest_least_kib;
}

/* Where the guest's size should go; free_kib is what may still be granted. */
static uint64_t restored_size_kib(const struct kept *kept, const struct memory_reading *now,
                                  const struct memory_settings *settings, uint64_t free_kib)
{
    uint64_t target = kept->actual_kib;

    if (target < now->actual_kib) {
        uint64_t least = least_now_kib(now, settings);

        if (target < least)
            target = least < now->actual_kib ? least : now->actual_kib;
    } else if (target - now->actual_kib > free_kib) {
        target = now->actual_kib + free_kib;
    }
    return target;
}

/* What guests may still take without asking. */
static uint64_t promised_kib(const struct memory_sample *sample,
                             const struct memory_settings *settings)
{
    uint64_t promised = 0;

    for (size_t i = 0; i < sample->n_guests; i++) {
        const struct memory_reading *reading = &sample->guests[i];
        uint64_t may_hold = reading->actual_kib + settings->guest_overhead_kib;

        if ((reading->has & MEMORY_HAS_RSS) && !reading->locked && may_hold > reading->rss_kib)
            promised += may_hold - reading->rss_kib;
    }
    return promised;
}

static uint64_t free_above_reserve_kib(const struct memory_sample *sample,
                                       const struct memory_settings *settings)
{
    uint64_t spent = memory_settings_reserve_kib(settings, sample) + promised_kib(sample, settings);
    uint64_t free_kib = sample->host_free_kib;

    if (sample->host_available_kib > free_kib)
        free_kib = sample->host_available_kib;
    return free_kib > spent ? free_kib - spent : 0;
}

/* One direction of all guests; false once the connection is lost. */
static bool restore_sizes(const struct restore *restore, const struct host *host,
                          const struct memory_settings *settings,
                          const struct memory_sample *sample, bool grants, const struct log *log,
                          struct tally *tally)
{
    uint64_t free_kib = free_above_reserve_kib(sample, settings);

    for (size_t i = 0; i < sample->n_guests; i++) {
        const struct memory_reading *now = &sample->guests[i];
        const struct kept *kept = find_kept(restore, &now->guest, 0);
        struct err err = {0};
        uint64_t target;
        int r;

        if (!kept || kept->actual_kib == now->actual_kib ||
            (kept->actual_kib > now->actual_kib) != grants)
            continue;
        target = restored_size_kib(kept, now, settings, free_kib);
        if (target != kept->actual_kib)
            log_line(log, LOG_WARNING,
                     "guest '%s' gets %" PRIu64 " KiB back instead of the %" PRIu64
                     " KiB found at start: %s",
                     now->guest.name, target, kept->actual_kib,
                     grants ? "the host has no more above its reserve" : "it needs them now");
        if (target == now->actual_kib)
            continue;
        if (grants)
            free_kib -= target - now->actual_kib;
        r = host->set_balloon(host->self, &now->guest, target, &err);
        if (!tally_add(tally, log, &now->guest, r, &err))
            return false;
    }
    return true;
}

int restore_memory(const struct restore *restore, const struct host *host,
                   const struct memory_settings *settings, const struct log *log,
                   struct tally *tally, struct err *err)
{
    struct memory_sample sample = {0};
    int r;

    r = host->sample_memory(host->self, &sample, err);
    if (r < 0)
        return r;
    if (restore_sizes(restore, host, settings, &sample, false, log, tally))
        restore_sizes(restore, host, settings, &sample, true, log, tally);
    memory_sample_done(&sample);
    return 0;
}
