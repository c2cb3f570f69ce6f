/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/host_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/host/sample_build.h"

struct guest_id fake_guest(unsigned i)
{
    struct guest_id guest = {.uuid = {(unsigned char)(i + 1)}};

    snprintf(guest.name, sizeof(guest.name), "g%u", i);
    return guest;
}

static int sample_vcpus(void *self, struct vcpu_sample *ret, struct err *err)
{
    const struct fake_host *fake = self;
    struct vcpu_sample sample = {.at_ns = 1, .n_vcpus = fake->n_guests};

    (void)err;
    sample.vcpus = calloc(FAKE_MOST, sizeof(*sample.vcpus));
    sample.guests = calloc(FAKE_MOST, sizeof(*sample.guests));
    sample.n_guests = fake->n_guests;
    for (unsigned i = 0; i < fake->n_guests; i++)
        sample.guests[i] = (struct guest_reading){.guest = fake_guest(i), .run = fake->run[i]};
    if (vcpu_sample_set_pcpus(&sample, &fake->online) < 0)
        abort();
    for (unsigned i = 0; i < fake->n_guests; i++) {
        struct vcpu_reading *reading = &sample.vcpus[i];

        *reading = (struct vcpu_reading){.guest = fake_guest(i),
                                         .running = true,
                                         .affinity = fake->affinity[i],
                                         .mask = fake->affinity[i]};
        if (sample.n_pcpus)
            cpuset_and(&reading->affinity, &fake->online);
    }
    *ret = sample;
    return 0;
}

static int sample_all_memory(void *self, struct memory_sample *ret, struct err *err)
{
    const struct fake_host *fake = self;
    struct memory_sample sample = {
        .at_ns = 1,
        .host_total_kib = fake->total_kib,
        .host_free_kib = fake->free_kib,
        .host_available_kib = fake->free_kib,
        .n_guests = fake->n_guests,
    };

    (void)err;
    sample.guests = calloc(FAKE_MOST, sizeof(*sample.guests));
    for (unsigned i = 0; i < fake->n_guests; i++)
        sample.guests[i] = (struct memory_reading){
            .guest = fake_guest(i),
            .number = fake->run[i],
            .has_balloon = true,
            .has = (fake->silent[i] ? 0u : MEMORY_HAS_UNUSED) |
                   (fake->age_ns[i] ? MEMORY_HAS_AGE : 0u) |
                   (fake->rss_kib[i] ? MEMORY_HAS_RSS : 0u),
            .actual_kib = fake->actual_kib[i],
            .stats_period_s = fake->period_s[i],
            .unused_kib = fake->unused_kib[i],
            .stats_age_ns = fake->age_ns[i],
            .rss_kib = fake->rss_kib[i],
        };
    *ret = sample;
    return 0;
}

static int sample_memory(void *self, struct memory_sample *ret, struct err *err)
{
    const struct fake_host *fake = self;
    int r = sample_all_memory(self, ret, err);

    ret->n_guests -= fake->n_left_out;
    return r;
}

static int run_of(void *self, const struct guest_id *guest, int *ret, struct err *err)
{
    const struct fake_host *fake = self;
    unsigned i = guest->uuid[0] - 1U;

    if (i >= fake->n_guests)
        return err_set(err, -ENOENT, "guest '%s' is gone", guest->name);
    *ret = fake->run[i];
    return 0;
}

static int origin_of(void *self, const struct guest_id *guest, enum run_origin *ret,
                     struct err *err)
{
    const struct fake_host *fake = self;

    (void)err;
    *ret = fake->origin[guest->uuid[0] - 1U];
    return fake->origin_code;
}

static int set_helpers(void *self, const struct guest_id *guest, unsigned iothread,
                       const struct cpuset *affinity, struct err *err)
{
    struct fake_host *fake = self;

    (void)err, (void)iothread;
    fake->helpers[guest->uuid[0] - 1U] = *affinity;
    return 0;
}

static int ask_for_stats(void *self, const struct guest_id *guest, unsigned period_s,
                         struct err *err)
{
    struct fake_host *fake = self;

    (void)err;
    fake->period_s[guest->uuid[0] - 1U] = period_s;
    return 0;
}

/* Writes the call down; the guest's answer. */
static int answer(struct fake_host *fake, const struct guest_id *guest, uint64_t target,
                  struct err *err)
{
    unsigned i = guest->uuid[0] - 1U;

    if (fake->n_calls < sizeof(fake->calls) / sizeof(fake->calls[0]))
        fake->calls[fake->n_calls++] = (struct fake_call){i, target};
    if (fake->code[i] < 0)
        return err_set(err, fake->code[i], "guest '%s': fails", guest->name);
    return 0;
}

static int set_affinity(void *self, const struct guest_id *guest, unsigned vcpu,
                        const struct cpuset *affinity, struct err *err)
{
    struct fake_host *fake = self;
    unsigned first = cpuset_next(affinity, 0);
    struct cpuset online = *affinity;
    int r = answer(fake, guest, cpuset_count(affinity) == 1 ? first : CPUSET_SIZE, err);

    (void)vcpu;
    cpuset_and(&online, &fake->online);
    if (r >= 0 && fake->refuses_offline && !cpuset_is_equal(&online, affinity))
        r = err_set(err, -EIO, "guest '%s': a pCPU is offline", guest->name);
    if (r >= 0)
        fake->affinity[guest->uuid[0] - 1] = *affinity;
    return r;
}

static int set_balloon(void *self, const struct guest_id *guest, uint64_t target_kib,
                       struct err *err)
{
    struct fake_host *fake = self;
    int r = answer(fake, guest, target_kib, err);

    if (r >= 0)
        fake->actual_kib[guest->uuid[0] - 1] = target_kib;
    return r;
}

static void close_fake(void *self)
{
    (void)self;
}

static bool is_changing(void *self, const struct guest_id *guest)
{
    const struct fake_host *fake = self;

    return fake->is_changing[guest->uuid[0] - 1];
}

struct host fake_host(struct fake_host *fake)
{
    return (struct host){.self = fake,
                         .sample_vcpus = sample_vcpus,
                         .set_affinity = set_affinity,
                         .sample_memory = sample_memory,
                         .sample_all_memory = sample_all_memory,
                         .set_balloon = set_balloon,
                         .run_of = fake->tells_runs ? run_of : NULL,
                         .origin_of = fake->tells_runs ? origin_of : NULL,
                         .is_changing = is_changing,
                         .set_helpers = set_helpers,
                         .ask_for_stats = ask_for_stats,
                         .close = close_fake};
}
