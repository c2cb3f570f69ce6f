/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/restore.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "planner/memory/restore.h"

/* Samples are sorted, and a plan may pin every vCPU of thousands. */
static int compare_vcpus(const void *a, const void *b)
{
    const struct vcpu_reading *x = a, *y = b;
    int order = guest_compare(&x->guest, &y->guest);

    return order ? order : (x->vcpu > y->vcpu) - (x->vcpu < y->vcpu);
}

static const struct vcpu_reading *find_vcpu(const struct vcpu_sample *sample,
                                            const struct guest_id *guest, unsigned vcpu)
{
    const struct vcpu_reading key = {.guest = *guest, .vcpu = vcpu};

    if (sample->n_vcpus == 0)
        return NULL;
    return bsearch(&key, sample->vcpus, sample->n_vcpus, sizeof(key), compare_vcpus);
}

static int compare_guests(const void *a, const void *b)
{
    const struct guest_reading *x = a, *y = b;

    return guest_compare(&x->guest, &y->guest);
}

/* 0 where the host does not tell runs apart. */
static int run_of(const struct vcpu_sample *sample, const struct guest_id *guest)
{
    const struct guest_reading key = {.guest = *guest}, *found = NULL;

    if (sample->n_guests > 0)
        found = bsearch(&key, sample->guests, sample->n_guests, sizeof(key), compare_guests);
    return found ? found->run : 0;
}

static int keep(struct originals *originals, const struct original *original, struct err *err)
{
    if (originals_add(originals, original) < 0)
        return err_set(err, -ENOMEM, "out of memory for what has to be put back");
    return 0;
}

/* A single pCPU is known for ours without it. */
static struct cpuset set_of(const struct vcpu_pin *pin)
{
    const struct cpuset nothing = {0};

    return cpuset_count(&pin->to) > 1 ? pin->to : nothing;
}

int restore_keep_vcpus(struct originals *originals, const struct vcpu_sample *sample,
                       const struct vcpu_plan *plan, struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < plan->n_pins && r >= 0; i++) {
        const struct vcpu_pin *pin = &plan->pins[i];
        const struct vcpu_reading *reading = find_vcpu(sample, &pin->guest, pin->vcpu);

        if (reading)
            r = keep(originals,
                     &(struct original){.guest = pin->guest,
                                        .run = run_of(sample, &pin->guest),
                                        .vcpu = pin->vcpu,
                                        .has_mask = true,
                                        .mask = reading->mask,
                                        .set = set_of(pin)},
                     err);
    }
    return r;
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

static int keep_steps(struct originals *originals, const struct memory_sample *sample,
                      const struct balloon_step *steps, size_t n, struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < n && r >= 0; i++) {
        const struct memory_reading *reading = find_guest(sample, &steps[i].guest);

        if (reading)
            r = keep(originals,
                     &(struct original){.guest = reading->guest,
                                        .run = reading->number,
                                        .has_size = true,
                                        .actual_kib = reading->actual_kib},
                     err);
    }
    return r;
}

int restore_keep_memory(struct originals *originals, const struct memory_sample *sample,
                        const struct memory_plan *plan, struct err *err)
{
    int r = keep_steps(originals, sample, plan->reclaims, plan->n_reclaims, err);

    return r < 0 ? r : keep_steps(originals, sample, plan->grants, plan->n_grants, err);
}

/* Whether that run of the guest has ended, for all that the host tells. */
static bool has_ended(const struct host *host, const struct original *original)
{
    int run = 0;
    int r = host->run_of ? host->run_of(host->self, &original->guest, &run, NULL) : -ENOENT;

    return r == -ENOENT || (r >= 0 && run != original->run);
}

void restore_forget(struct originals *originals, const struct host *host, size_t max_questions)
{
    size_t questions = originals->n < max_questions ? originals->n : max_questions;

    for (size_t n = 0; host->run_of && n < questions; n++) {
        size_t i = originals->next % originals->n;

        if (has_ended(host, &originals->list[i]))
            originals_drop(originals, i);
        else
            originals->next = i + 1;
    }
}

/* Some hypervisors refuse a set with a pCPU that is offline, and some kernels one that the guests' slice
 * does not have: then what is left of it has to do. */
static int put_mask_back(const struct host *host, const struct vcpu_sample *sample,
                         const struct original *original, struct err *err)
{
    const struct cpuset *mask = &original->mask;
    int r = host->set_affinity(host->self, &original->guest, original->vcpu, mask, err);

    for (int within_slice = 0; within_slice <= 1; within_slice++) {
        struct cpuset left = {0};

        for (size_t p = 0; p < sample->n_pcpus; p++)
            if (!within_slice || sample->pcpus[p].use != PCPU_OUTSIDE_SLICE)
                cpuset_add(&left, sample->pcpus[p].id);
        cpuset_and(&left, mask);
        if (r >= 0 || r == -ENOENT || r == -ENOTCONN)
            return r;
        if (!cpuset_is_equal(&left, mask) && cpuset_count(&left) > 0)
            r = host->set_affinity(host->self, &original->guest, original->vcpu, &left, err);
    }
    return r;
}

/* Whether a live mask is one that was set, all of it or what is online of it. */
static bool is_of(const struct cpuset *live, const struct cpuset *set, const struct cpuset *online)
{
    struct cpuset left = *set;

    cpuset_and(&left, online);
    return cpuset_count(set) > 0 && (cpuset_is_equal(live, set) || cpuset_is_equal(live, &left));
}

static bool is_ours(const struct original *original, const struct cpuset *online,
                    const struct vcpu_reading *reading, bool with_single)
{
    const struct cpuset *live = &reading->affinity;

    if (!original || !original->has_mask || cpuset_count(&original->mask) < 2 ||
        is_of(live, &original->mask, online))
        return false;
    return (reading->pcpu >= 0 && with_single) || is_of(live, &original->set, online) ||
           is_of(live, &original->set_before, online);
}

void restore_mark_ours(const struct originals *originals, bool with_single,
                       struct vcpu_sample *sample)
{
    struct cpuset online = {0};

    for (size_t p = 0; p < sample->n_pcpus; p++)
        cpuset_add(&online, sample->pcpus[p].id);
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        struct vcpu_reading *reading = &sample->vcpus[i];
        const struct original *original = originals_find(
            originals, &reading->guest, run_of(sample, &reading->guest), reading->vcpu);

        reading->is_ours = is_ours(original, &online, reading, with_single);
    }
}

void restore_release_vcpus(const struct originals *originals, const struct host *host,
                           const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                           const struct stop *stop, const struct log *log, struct tally *tally)
{
    for (size_t i = 0; i < plan->n_releases && !stop_is_asked(stop); i++) {
        const struct vcpu_release *release = &plan->releases[i];
        const struct original *original = originals_find(
            originals, &release->guest, run_of(sample, &release->guest), release->vcpu);
        struct err err = {0};

        if (original && !tally_add(tally, log, &release->guest,
                                   put_mask_back(host, sample, original, &err), &err))
            return;
    }
}

/* Whether nothing has to be done: it is in place, or was of a run that has ended. */
static bool is_settled(const struct host *host, const struct vcpu_sample *sample,
                       const struct original *original)
{
    const struct vcpu_reading *now = find_vcpu(sample, &original->guest, original->vcpu);

    if (!now)
        return has_ended(host, original);
    return cpuset_is_equal(&original->mask, &now->mask) ||
           run_of(sample, &original->guest) != original->run;
}

int restore_vcpus(struct originals *originals, const struct host *host, const struct stop *stop,
                  const struct log *log, struct tally *tally, struct err *err)
{
    struct vcpu_sample sample = {0};
    size_t i = 0;
    int r;

    r = host->sample_vcpus(host->self, &sample, err);
    if (r < 0)
        return r;
    while (i < originals->n && !stop_is_asked(stop)) {
        const struct original *original = &originals->list[i];
        struct err failure = {0};

        if (!is_settled(host, &sample, original)) {
            r = put_mask_back(host, &sample, original, &failure);
            if (!tally_add(tally, log, &original->guest, r, &failure))
                break;
            if (r < 0 && r != -ENOENT) {
                i++;
                continue;
            }
        }
        originals_drop(originals, i);
    }
    vcpu_sample_done(&sample);
    return 0;
}

struct sizes {
    struct originals *originals;
    const struct host *host;
    const struct stop *stop;
    const struct memory_settings *settings;
    const struct memory_sample *sample;
    const struct log *log;
    struct tally *tally;
    uint64_t spare_kib;
};

/* Its size is what the owner had: only that of its statistics may be left to do. */
static void size_is_back(struct original *original)
{
    original->has_size = false;
}

/* One guest; false once the connection is lost. */
static bool restore_size(struct sizes *sizes, const struct memory_reading *now,
                         struct original *original)
{
    bool is_grant = original->actual_kib > now->actual_kib;
    struct err err = {0};
    uint64_t target =
        memory_restore_size_kib(sizes->settings, now, original->actual_kib, sizes->spare_kib);
    int r = 0;

    if (target != original->actual_kib)
        log_line(sizes->log, LOG_WARNING,
                 "guest '%s' gets %" PRIu64 " KiB back instead of the %" PRIu64
                 " KiB found at start: %s",
                 now->guest.name, target, original->actual_kib,
                 is_grant ? "the host has no more above its reserve" : "it needs them now");
    if (target == now->actual_kib)
        return true;
    if (is_grant)
        sizes->spare_kib -= target - now->actual_kib;
    r = sizes->host->set_balloon(sizes->host->self, &now->guest, target, &err);
    if (r == -ENOENT || (r >= 0 && target == original->actual_kib))
        size_is_back(original);
    return tally_add(sizes->tally, sizes->log, &now->guest, r, &err);
}

/* One direction of all guests; false once the connection is lost. */
static bool restore_sizes(struct sizes *sizes, bool grants)
{
    for (size_t i = 0; i < sizes->originals->n && !stop_is_asked(sizes->stop); i++) {
        struct original *original = &sizes->originals->list[i];
        const struct memory_reading *now = find_guest(sizes->sample, &original->guest);

        if (!now || !original->has_size || now->number != original->run)
            continue;
        if (original->actual_kib == now->actual_kib)
            size_is_back(original);
        else if ((original->actual_kib > now->actual_kib) == grants &&
                 !restore_size(sizes, now, original))
            return false;
    }
    return true;
}

static void restore_periods(struct sizes *sizes)
{
    const struct host *host = sizes->host;

    for (size_t i = 0; i < sizes->originals->n && !stop_is_asked(sizes->stop); i++) {
        struct original *original = &sizes->originals->list[i];
        const struct memory_reading *now = find_guest(sizes->sample, &original->guest);
        struct err err = {0};

        if (!now || !original->has_period || !host->ask_for_stats)
            continue;
        if (host->ask_for_stats(host->self, &original->guest, original->period_s, &err) >= 0)
            original->has_period = false;
        else
            log_line(sizes->log, LOG_WARNING, "%s", err.text);
    }
}

/* What is left is owed. */
static void drop_settled(struct sizes *sizes)
{
    size_t i = 0;

    while (i < sizes->originals->n && !stop_is_asked(sizes->stop)) {
        const struct original *original = &sizes->originals->list[i];
        const struct memory_reading *now = find_guest(sizes->sample, &original->guest);
        bool is_back = !original->has_size && !original->has_period;

        if (is_back || (now ? now->number != original->run : has_ended(sizes->host, original)))
            originals_drop(sizes->originals, i);
        else
            i++;
    }
}

int restore_memory(struct originals *originals, const struct host *host, const struct stop *stop,
                   const struct memory_settings *settings, const struct log *log,
                   struct tally *tally, struct err *err)
{
    struct memory_sample sample = {0};
    struct sizes sizes = {.originals = originals,
                          .host = host,
                          .stop = stop,
                          .settings = settings,
                          .sample = &sample,
                          .log = log,
                          .tally = tally};
    int r;

    r = host->sample_memory(host->self, &sample, err);
    if (r < 0)
        return r;
    sizes.spare_kib = memory_restore_spare_kib(settings, &sample);
    if (restore_sizes(&sizes, false) && restore_sizes(&sizes, true))
        restore_periods(&sizes);
    drop_settled(&sizes);
    originals->is_changed = true;
    memory_sample_done(&sample);
    return 0;
}
