/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/restore.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "planner/memory/restore.h"

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

/* One direction of all guests; false once the connection is lost. */
static bool restore_sizes(const struct restore *restore, const struct host *host,
                          const struct memory_settings *settings,
                          const struct memory_sample *sample, bool grants, const struct log *log,
                          struct tally *tally)
{
    uint64_t spare_kib = memory_restore_spare_kib(settings, sample);

    for (size_t i = 0; i < sample->n_guests; i++) {
        const struct memory_reading *now = &sample->guests[i];
        const struct kept *kept = find_kept(restore, &now->guest, 0);
        struct err err = {0};
        uint64_t target;
        int r;

        if (!kept || kept->actual_kib == now->actual_kib ||
            (kept->actual_kib > now->actual_kib) != grants)
            continue;
        target = memory_restore_size_kib(settings, now, kept->actual_kib, spare_kib);
        if (target != kept->actual_kib)
            log_line(log, LOG_WARNING,
                     "guest '%s' gets %" PRIu64 " KiB back instead of the %" PRIu64
                     " KiB found at start: %s",
                     now->guest.name, target, kept->actual_kib,
                     grants ? "the host has no more above its reserve" : "it needs them now");
        if (target == now->actual_kib)
            continue;
        if (grants)
            spare_kib -= target - now->actual_kib;
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
