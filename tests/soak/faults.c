/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "agent/simulated/events.h"
#include "tests/soak/soak.h"

/* What goes wrong: events of the simulated host at random, and samples that are not true. */

/* A guest without persistent definition has another identity each time it is made. */
static void rename_guest(struct soak *soak, struct guest_state_now *guest)
{
    struct guest_id *id = &soak->world->scenario.guests[guest - soak->world->guests].id;

    for (size_t i = 0; i < 8; i++)
        id->uuid[i] = (unsigned char)pick(&soak->random, 256);
}

static void happen(struct soak *soak, struct scenario_event *event)
{
    event->noise_pct = -1;
    event->vcpu = -1;
    soak->figures.faults++;
    events_happen(soak->world, event);
}

static struct cpuset some_pcpus(struct soak *soak)
{
    const struct simulated *world = soak->world;
    struct cpuset set = {0};
    double share = happens(&soak->random, 0.5) ? 0 : random_uniform(&soak->random);

    cpuset_add(&set, world->pcpus[pick(&soak->random, world->n_pcpus)].id);
    for (size_t p = 0; p < world->n_pcpus; p++)
        if (happens(&soak->random, share))
            cpuset_add(&set, world->pcpus[p].id);
    return set;
}

static void switch_a_pcpu(struct soak *soak)
{
    const struct simulated *world = soak->world;
    const struct pcpu_state *pcpu = &world->pcpus[pick(&soak->random, world->n_pcpus)];
    struct scenario_event event = {.what = pcpu->online ? DO_OFFLINE : DO_ONLINE};
    size_t online = 0;

    for (size_t p = 0; p < world->n_pcpus; p++)
        online += world->pcpus[p].online;
    cpuset_add(&event.pcpus, pcpu->id);
    if (!pcpu->online || online > 1)
        happen(soak, &event);
}

/* What can happen to any guest. */
static void disturb_life(struct soak *soak, struct guest_state_now *guest,
                         struct scenario_event *event)
{
    static const enum scenario_do kinds[] = {DO_STOP,  DO_VANISH, DO_PAUSE,  DO_RESUME,
                                             DO_START, DO_REBOOT, DO_REFUSE, DO_OUTAGE};

    event->what = kinds[pick(&soak->random, sizeof(kinds) / sizeof(kinds[0]))];
    event->for_ns = (uint64_t)(1e9 * (1 + 30 * random_uniform(&soak->random)));
    if (!guest->present) {
        event->what = DO_START;
        if (happens(&soak->random, 0.5))
            rename_guest(soak, guest);
    }
    happen(soak, event);
}

static void disturb_vcpu_guest(struct soak *soak, struct scenario_event *event)
{
    static const enum scenario_do kinds[] = {DO_LOAD, DO_LOAD, DO_PIN, DO_QUOTA, DO_BACKGROUND};

    event->what = kinds[pick(&soak->random, sizeof(kinds) / sizeof(kinds[0]))];
    event->pct = (double)pick(&soak->random, event->what == DO_BACKGROUND ? 50 : 101);
    if (event->what == DO_QUOTA && happens(&soak->random, 0.5))
        event->pct = 0;
    event->pcpus = some_pcpus(soak);
    happen(soak, event);
}

static void disturb_balloon(struct soak *soak, const struct guest_state_now *guest,
                            struct scenario_event *event)
{
    static const struct balloon_manner kinds[] = {
        {0, -1, -1, -1, -1, -1, -1},          /* stuck */
        {4096, 5, -1, -1, -1, -1, -1},        /* slow */
        {-1, -1, -1, 600 * 1024, -1, -1, -1}, /* goes no further */
        {-1, -1, 500 * 1024, -1, -1, -1, -1}, /* gives no more */
        {-1, -1, -1, -1, 5, -1, -1},          /* goes back */
        {-1, -1, -1, -1, -1, -1, 0},          /* loses its driver */
    };

    event->what = DO_BALLOON;
    event->balloon = happens(&soak->random, 0.5)
                         ? guest->spec->balloon
                         : kinds[pick(&soak->random, sizeof(kinds) / sizeof(kinds[0]))];
    happen(soak, event);
}

static void disturb_memory_guest(struct soak *soak, const struct guest_state_now *guest,
                                 struct scenario_event *event)
{
    static const enum scenario_do kinds[] = {
        DO_GROW,    DO_GROW,       DO_FREE,       DO_USE,        DO_RESIZE,
        DO_MIGRATE, DO_STATISTICS, DO_STATISTICS, DO_VIRTIO_MEM, DO_OTHER_MEMORY};
    double share = random_uniform(&soak->random);

    event->what = kinds[pick(&soak->random, sizeof(kinds) / sizeof(kinds[0]))];
    event->kib_per_s = 40 * share * KIB_OF_MIB;
    event->pct = (double)pick(&soak->random, 60);
    event->for_ns = (uint64_t)(6e10 * random_uniform(&soak->random));
    event->kib = share * guest->maximum_kib;
    event->statistics =
        happens(&soak->random, 0.5) ? STATISTICS_OK : (enum statistics_kind)pick(&soak->random, 7);
    if (event->what == DO_USE)
        event->kib = guest->spec->used_kib * (0.5 + share);
    if (event->what == DO_RESIZE)
        event->kib = guest->maximum_kib * (0.5 + share / 2);
    if (event->what == DO_VIRTIO_MEM)
        event->kib = share * guest->spec->virtio_mem_kib;
    if (event->what == DO_OTHER_MEMORY)
        event->kib = soak->world->scenario.other_kib * (0.5 + 2 * share * share);
    happen(soak, event);
}

void soak_disturb(struct soak *soak)
{
    const struct simulated *world = soak->world;
    struct guest_state_now *guest = &world->guests[pick(&soak->random, world->n_true_guests)];
    struct scenario_event event = {0};
    double which = random_uniform(&soak->random);

    if (!happens(&soak->random, 0.25))
        return;
    memcpy(event.guest, guest->spec->id.name, sizeof(guest->spec->id.name));
    if (which < 0.3 || (!guest->present && which < 0.7))
        disturb_life(soak, guest, &event);
    else if (soak->program == PROGRAM_VCPU && which < 0.5)
        switch_a_pcpu(soak);
    else if (soak->program == PROGRAM_VCPU)
        disturb_vcpu_guest(soak, &event);
    else if (which < 0.5)
        disturb_balloon(soak, guest, &event);
    else
        disturb_memory_guest(soak, guest, &event);
}

/* A guest that the hypervisor leaves out for once. */
static void leave_out(struct vcpu_sample *sample, struct guest_id id)
{
    size_t n = 0;

    for (size_t i = 0; i < sample->n_vcpus; i++)
        if (guest_compare(&sample->vcpus[i].guest, &id) != 0)
            sample->vcpus[n++] = sample->vcpus[i];
    sample->n_vcpus = n;
    n = 0;
    for (size_t i = 0; i < sample->n_guests; i++)
        if (guest_compare(&sample->guests[i].guest, &id) != 0)
            sample->guests[n++] = sample->guests[i];
    sample->n_guests = n;
}

void soak_disturb_vcpus(struct soak *soak, struct vcpu_sample *sample)
{
    struct vcpu_reading *reading;
    struct pcpu_reading *pcpu;

    if (!sample->n_vcpus || !happens(&soak->random, 0.05))
        return;
    soak->figures.faults++;
    reading = &sample->vcpus[pick(&soak->random, sample->n_vcpus)];
    pcpu = &sample->pcpus[pick(&soak->random, sample->n_pcpus)];
    switch (pick(&soak->random, 6)) {
    case 0:
        reading->cpu_time_ns =
            (uint64_t)(random_uniform(&soak->random) * (double)reading->cpu_time_ns);
        break;
    case 1:
        reading->delay_ns /= 2;
        break;
    case 2:
        pcpu->busy_ns /= 2;
        break;
    case 3:
        reading->has_delay = false;
        reading->delay_ns = 0;
        break;
    case 4:
        pcpu->has_busy = false;
        pcpu->busy_ns = 0;
        break;
    default:
        leave_out(sample, reading->guest);
        break;
    }
}

void soak_disturb_memory(struct soak *soak, struct memory_sample *sample)
{
    struct memory_reading *reading;

    if (!sample->n_guests || !happens(&soak->random, 0.05))
        return;
    soak->figures.faults++;
    reading = &sample->guests[pick(&soak->random, sample->n_guests)];
    switch (pick(&soak->random, 4)) {
    case 0:
        reading->swap_in_kib /= 2;
        reading->swap_out_kib /= 2;
        reading->major_faults /= 2;
        break;
    case 1:
        reading->has = reading->has & ~(unsigned)MEMORY_HAS_SWAP;
        break;
    case 2:
        reading->stats_age_ns += UINT64_C(8000000000);
        break;
    default:
        reading->has = reading->has & MEMORY_HAS_RSS;
        break;
    }
}
