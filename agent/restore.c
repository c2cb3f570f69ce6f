/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/restore.h"
#include "agent/base/event.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/guest_name.h"
#include "agent/history/changes.h"
#include "agent/returned.h"

/* Samples are sorted, and a plan may pin every vCPU of thousands. */
static int compare_vcpus(const void *a, const void *b)
{
    const struct vcpu_reading *x = a, *y = b;
    int order = guest_compare(&x->guest, &y->guest);

    return order ? order : (x->vcpu > y->vcpu) - (x->vcpu < y->vcpu);
}

static struct vcpu_reading *find_vcpu(const struct vcpu_sample *sample,
                                      const struct guest_id *guest, unsigned vcpu)
{
    const struct vcpu_reading key = {.guest = *guest, .vcpu = vcpu};

    if (sample->n_vcpus == 0)
        return NULL;
    return bsearch(&key, sample->vcpus, sample->n_vcpus, sizeof(key), compare_vcpus);
}

static int compare_helpers(const void *a, const void *b)
{
    const struct helper_reading *x = a, *y = b;
    int order = guest_compare(&x->guest, &y->guest);

    return order ? order : (x->iothread > y->iothread) - (x->iothread < y->iothread);
}

static struct helper_reading *find_helper(const struct vcpu_sample *sample,
                                          const struct guest_id *guest, unsigned iothread)
{
    const struct helper_reading key = {.guest = *guest, .iothread = iothread};

    if (sample->n_helpers == 0)
        return NULL;
    return bsearch(&key, sample->helpers, sample->n_helpers, sizeof(key), compare_helpers);
}

/* 0 where the host does not tell runs apart. */
static int run_of(const struct vcpu_sample *sample, const struct guest_id *guest)
{
    const struct guest_reading *found = vcpu_sample_guest(sample, guest);

    return found ? found->run : 0;
}

static int keep_helpers(struct originals *originals, const struct vcpu_sample *sample,
                        const struct vcpu_plan *plan, struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < plan->n_helper_pins && r >= 0; i++) {
        const struct helper_pin *pin = &plan->helper_pins[i];
        const struct helper_reading *reading = find_helper(sample, &pin->guest, pin->iothread);

        if (reading)
            r = originals_keep(originals,
                               &(struct original){.guest = pin->guest,
                                                  .run = run_of(sample, &pin->guest),
                                                  .is_helpers = true,
                                                  .vcpu = pin->iothread,
                                                  .has_mask = true,
                                                  .mask = reading->mask,
                                                  .set = pin->to},
                               err);
    }
    return r;
}

int restore_keep_vcpus(struct originals *originals, const struct vcpu_sample *sample,
                       const struct vcpu_plan *plan, struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < plan->n_pins && r >= 0; i++) {
        const struct vcpu_pin *pin = &plan->pins[i];
        const struct vcpu_reading *reading = find_vcpu(sample, &pin->guest, pin->vcpu);

        if (reading)
            r = originals_keep(originals,
                               &(struct original){.guest = pin->guest,
                                                  .run = run_of(sample, &pin->guest),
                                                  .vcpu = pin->vcpu,
                                                  .has_mask = true,
                                                  .mask = reading->mask,
                                                  .set = pin->to},
                               err);
    }
    return r < 0 ? r : keep_helpers(originals, sample, plan, err);
}

bool restore_has_ended(const struct host *host, const struct original *original)
{
    int run = 0;
    int r = host->run_of ? host->run_of(host->self, &original->guest, &run, NULL) : -ENOENT;

    return r == -ENOENT || (r >= 0 && run != original->run);
}

static int set_mask(const struct host *host, const struct original *original,
                    const struct cpuset *mask, struct err *err)
{
    if (!original->is_helpers)
        return host->set_affinity(host->self, &original->guest, original->vcpu, mask, err);
    if (!host->set_helpers)
        return err_set(err, -ENOTSUP, "guest '%.100s': its emulator cannot be pinned here",
                       original->guest.name);
    return host->set_helpers(host->self, &original->guest, original->vcpu, mask, err);
}

/* Some hypervisors refuse a set with a pCPU that is offline, and some kernels one that the guests' slice
 * does not have: then what is left of it has to do. */
static int put_mask_back(const struct host *host, const struct vcpu_sample *sample,
                         const struct original *original, struct err *err)
{
    const struct cpuset *mask = &original->mask;
    int r = set_mask(host, original, mask, err);

    for (int within_slice = 0; within_slice <= 1; within_slice++) {
        struct cpuset left = {0};

        for (size_t p = 0; p < sample->n_pcpus; p++)
            if (!within_slice || sample->pcpus[p].use != PCPU_OUTSIDE_SLICE)
                cpuset_add(&left, sample->pcpus[p].id);
        cpuset_and(&left, mask);
        if (r >= 0 || r == -ENOENT || r == -ENOTCONN)
            return r;
        if (!cpuset_is_equal(&left, mask) && cpuset_count(&left) > 0)
            r = set_mask(host, original, &left, err);
    }
    return r;
}

static struct cpuset online_of(const struct vcpu_sample *sample)
{
    struct cpuset online = {0};

    for (size_t p = 0; p < sample->n_pcpus; p++)
        cpuset_add(&online, sample->pcpus[p].id);
    return online;
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
    return (reading->pcpu >= 0 && with_single) ||
           (cpuset_count(&original->set) > 1 && is_of(live, &original->set, online)) ||
           (cpuset_count(&original->set_before) > 1 && is_of(live, &original->set_before, online));
}

/* They are never pinned by themselves to less than a node's pCPUs, of which there may be one. */
static void mark_helpers(const struct originals *originals, const struct cpuset *online,
                         struct vcpu_sample *sample)
{
    for (size_t h = 0; h < sample->n_helpers; h++) {
        struct helper_reading *reading = &sample->helpers[h];
        const struct original *original = originals_find_helpers(
            originals, &reading->guest, run_of(sample, &reading->guest), reading->iothread);

        reading->is_ours = original && original->has_mask &&
                           !is_of(&reading->affinity, &original->mask, online) &&
                           (is_of(&reading->affinity, &original->set, online) ||
                            is_of(&reading->affinity, &original->set_before, online));
    }
}

void restore_mark_ours(const struct originals *originals, bool with_single,
                       struct vcpu_sample *sample)
{
    struct cpuset online = online_of(sample);

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        struct vcpu_reading *reading = &sample->vcpus[i];
        const struct original *original = originals_find(
            originals, &reading->guest, run_of(sample, &reading->guest), reading->vcpu);

        reading->is_ours = is_ours(original, &online, reading, with_single);
        reading->found = reading->is_ours ? original->mask : (struct cpuset){{0}};
    }
    mark_helpers(originals, &online, sample);
}

void restore_release_vcpus(const struct originals *originals, const struct host *host,
                           const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                           const struct stop *stop, const struct log *log, struct tally *tally)
{
    for (size_t i = 0; i < plan->n_releases && !stop_is_asked(stop); i++) {
        const struct vcpu_release *release = &plan->releases[i];
        struct cpuset from = vcpu_plan_pcpus(plan, release->from_place);
        const struct original *original = originals_find(
            originals, &release->guest, run_of(sample, &release->guest), release->vcpu);
        struct err err = {0};
        int r;

        if (!original)
            continue;
        r = put_mask_back(host, sample, original, &err);
        if (tally_made(tally, plan->n_pins + i, r))
            event_pin(log, &release->guest, release->vcpu, &from, NULL, "pins are not worth it",
                      plan->gap);
        if (!tally_add(tally, log, &release->guest, r, &err))
            return;
    }
}

/* What is offline of a mask is no place to run. */
static void set_vcpu(struct vcpu_reading *reading, const struct cpuset *mask,
                     const struct cpuset *online)
{
    reading->affinity = reading->mask = *mask;
    cpuset_and(&reading->affinity, online);
}

void restore_follow(const struct originals *originals, const struct vcpu_plan *plan,
                    struct vcpu_sample *sample)
{
    struct cpuset online = online_of(sample);

    for (size_t i = 0; i < plan->n_pins; i++) {
        const struct vcpu_pin *pin = &plan->pins[i];
        struct vcpu_reading *reading = find_vcpu(sample, &pin->guest, pin->vcpu);

        if (reading)
            set_vcpu(reading, &pin->to, &online);
    }
    for (size_t i = 0; i < plan->n_releases; i++) {
        const struct vcpu_release *release = &plan->releases[i];
        struct vcpu_reading *reading = find_vcpu(sample, &release->guest, release->vcpu);
        const struct original *original = originals_find(
            originals, &release->guest, run_of(sample, &release->guest), release->vcpu);

        if (reading && original)
            set_vcpu(reading, &original->mask, &online);
    }
    for (size_t i = 0; i < plan->n_helper_pins; i++) {
        const struct helper_pin *pin = &plan->helper_pins[i];
        struct helper_reading *reading = find_helper(sample, &pin->guest, pin->iothread);

        if (reading)
            reading->affinity = reading->mask = pin->to;
    }
}

enum standing { STILL_OWED, IN_PLACE, HAS_ENDED };

/* Unplugged: the guest is there without it. If it comes back some day, it floats or has what its
 * definition says. vCPU 0 and the emulator are always there, where anything is known of the guest. */
static bool is_unplugged(const struct vcpu_sample *sample, const struct original *original)
{
    if (original->vcpu == 0 || run_of(sample, &original->guest) != original->run)
        return false;
    return original->is_helpers ? find_helper(sample, &original->guest, 0) != NULL
                                : find_vcpu(sample, &original->guest, 0) != NULL;
}

/* NULL: it is not there. */
static const struct cpuset *live_mask(const struct vcpu_sample *sample,
                                      const struct original *original)
{
    const struct vcpu_reading *vcpu = find_vcpu(sample, &original->guest, original->vcpu);
    const struct helper_reading *helper = find_helper(sample, &original->guest, original->vcpu);

    if (original->is_helpers)
        return helper ? &helper->mask : NULL;
    return vcpu ? &vcpu->mask : NULL;
}

/* Earlier runs have left. */
static enum standing look(const struct host *host, const struct vcpu_sample *sample,
                          const struct original *original)
{
    const struct cpuset *now = live_mask(sample, original);

    if (host_is_changing(host, &original->guest))
        return STILL_OWED;
    if (now)
        return cpuset_is_equal(&original->mask, now) ? IN_PLACE : STILL_OWED;
    if (is_unplugged(sample, original))
        return IN_PLACE;
    return restore_has_ended(host, original) ? HAS_ENDED : STILL_OWED;
}

/* An empty set where it is no narrower than the host. */
static struct cpuset unless_floating(const struct vcpu_sample *sample, const struct cpuset *mask)
{
    struct cpuset online = online_of(sample), floats = {0};

    return cpuset_is_subset(&online, mask) ? floats : *mask;
}

/* r: of the attempt. What fails is told of once. */
static void tell_put_back(const struct log *log, const struct vcpu_sample *sample,
                          const struct original *original, const struct tally *tally, int r,
                          const struct err *err)
{
    const struct guest_id *guest = &original->guest;
    const struct cpuset none = {0}, *now = live_mask(sample, original), *live = now ? now : &none;
    struct cpuset from = unless_floating(sample, live);
    struct cpuset to = unless_floating(sample, &original->mask);

    if (r >= 0 && original->is_helpers)
        event_helper(log, guest, original->vcpu, live, &original->mask, "put back", NAN);
    else if (r >= 0)
        event_pin(log, guest, original->vcpu, live, &original->mask, "put back", NAN);
    if (tally->changes && (r >= 0 || log))
        json_array_append_new(tally->changes,
                              changes_pin_put_back(guest, original->is_helpers, original->vcpu,
                                                   &from, &to, r < 0 ? err->text : NULL));
}

/* One change for its original; *ret is what has become of that. False once the connection is lost. */
static bool put_back(const struct host *host, const struct vcpu_sample *sample,
                     const struct original *original, const struct log *log, struct tally *tally,
                     enum standing *ret)
{
    struct err err = {0};
    int r;

    *ret = look(host, sample, original);
    if (*ret != STILL_OWED)
        return true;
    r = put_mask_back(host, sample, original, &err);
    *ret = r >= 0 ? IN_PLACE : r == -ENOENT ? HAS_ENDED : STILL_OWED;
    if (r != -ENOENT)
        tell_put_back(log, sample, original, tally, r, &err);
    return tally_add(tally, log, &original->guest, r, &err);
}

/* NULL: anybody. */
static bool is_there(const struct vcpu_sample *sample, const char *guest)
{
    bool found = !guest;

    for (size_t i = 0; i < sample->n_guests && !found; i++)
        found = guest_is_called(&sample->guests[i].guest, guest);
    return found;
}

int restore_vcpus(struct originals *originals, const char *guest, const struct host *host,
                  const struct stop *stop, const struct log *log, struct tally *tally,
                  struct err *err)
{
    struct vcpu_sample sample = {0};
    enum standing standing;
    size_t i = 0;
    int r;

    r = host->sample_vcpus(host->self, &sample, err);
    if (r < 0)
        return r;
    r = originals_look_for(originals, guest, is_there(&sample, guest), err);
    returned_meet_vcpus(originals, host, &sample, log);
    while (r >= 0 && i < originals->n && !stop_is_asked(stop)) {
        if (!original_is_of(originals->list[i], guest)) {
            i++;
            continue;
        }
        if (!put_back(host, &sample, originals->list[i], log, tally, &standing))
            break;
        if (standing == IN_PLACE)
            originals_drop(originals, i);
        else if (standing != HAS_ENDED || originals_leave(originals, i, clock_real_s()) < 0)
            i++;
    }
    vcpu_sample_done(&sample);
    return r;
}
