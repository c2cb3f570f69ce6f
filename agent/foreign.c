/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/foreign.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/event.h"
#include "planner/base/units.h"

static const double SAY_AGAIN_S = 900;

/* What is remembered of one vCPU. */
struct foreign_vcpu {
    unsigned char uuid[16];
    int run;
    unsigned vcpu;
    uint64_t mask;    /* a mark of its mask; a kibibyte of each would be much */
    uint64_t slice;   /* likewise of what its control group lets it have */
    bool is_unknown;  /* we may have changed it since, or not */
    bool is_yielded;  /* as of the last plan */
    bool is_ours;     /* we have pinned it, and nobody else since */
    uint64_t said_ns; /* 0: never */
};

/* FNV-1a, by words. */
static uint64_t mark_of(const struct cpuset *set)
{
    uint64_t mark = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < sizeof(set->word) / sizeof(set->word[0]); i++)
        mark = (mark ^ set->word[i]) * UINT64_C(0x100000001b3);
    return mark;
}

void foreign_done(struct foreign *foreign)
{
    free(foreign->vcpus);
    free(foreign->pins);
    *foreign = (struct foreign){0};
}

static const struct guest_reading *guest_of(const struct vcpu_sample *sample,
                                            const struct guest_id *guest, size_t *at)
{
    while (*at < sample->n_guests && guest_compare(&sample->guests[*at].guest, guest) < 0)
        ++*at;
    return *at < sample->n_guests && guest_compare(&sample->guests[*at].guest, guest) == 0
               ? &sample->guests[*at]
               : NULL;
}

/* Both lists are sorted by UUID and vCPU, so *at only moves forward. */
static const struct foreign_vcpu *find(const struct foreign *foreign, size_t *at,
                                       const struct foreign_vcpu *now)
{
    int order = -1;

    for (; *at < foreign->n; ++*at) {
        const struct foreign_vcpu *old = &foreign->vcpus[*at];

        order = memcmp(old->uuid, now->uuid, sizeof(old->uuid));
        if (order == 0)
            order = (old->vcpu > now->vcpu) - (old->vcpu < now->vcpu);
        if (order >= 0)
            break;
    }
    return *at < foreign->n && order == 0 && foreign->vcpus[*at].run == now->run
               ? &foreign->vcpus[*at]
               : NULL;
}

static int compare_pins(const void *a, const void *b)
{
    const struct vcpu_pin *x = a, *y = b;
    int order = guest_compare(&x->guest, &y->guest);

    return order ? order : (x->vcpu > y->vcpu) - (x->vcpu < y->vcpu);
}

/* Sorted likewise. */
static const struct vcpu_pin *our_pin(const struct foreign *foreign, size_t *at,
                                      const struct vcpu_reading *reading)
{
    const struct vcpu_pin key = {.guest = reading->guest, .vcpu = reading->vcpu};
    int order = -1;

    for (; *at < foreign->n_pins; ++*at) {
        order = compare_pins(&foreign->pins[*at], &key);
        if (order >= 0)
            break;
    }
    return order == 0 ? &foreign->pins[*at] : NULL;
}

/* The kernel may have less of our mask than we asked for, because of a control group. */
static bool is_touched(const struct vcpu_pin *pin, const struct foreign_vcpu *old,
                       const struct foreign_vcpu *now, const struct vcpu_reading *reading)
{
    if (!old || old->is_unknown || old->slice != now->slice)
        return false;
    return pin ? !cpuset_is_subset(&reading->mask, &pin->to) : old->mask != now->mask;
}

static void say(const struct vcpu_reading *reading, uint64_t now_ns, struct foreign_vcpu *vcpu,
                const struct log *log)
{
    bool is_news = !vcpu->said_ns || now_ns - vcpu->said_ns > ns_from_seconds(SAY_AGAIN_S);
    char mask[200];

    cpuset_format(&reading->mask, mask, sizeof(mask));
    event_line(log, EVENT_FOREIGN, is_news && vcpu->is_ours ? LOG_NOTICE : LOG_DEBUG,
               &reading->guest, "guest '%s': somebody else has set vCPU %u to pCPU %s",
               reading->guest.name, reading->vcpu, mask);
    if (is_news)
        vcpu->said_ns = now_ns;
}

/* Of the pCPUs that the kernel lets guests have. */
static uint64_t mark_of_online(const struct vcpu_sample *sample)
{
    struct cpuset online = {0};

    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (sample->pcpus[p].use != PCPU_OUTSIDE_SLICE)
            cpuset_add(&online, sample->pcpus[p].id);
    return mark_of(&online);
}

static struct foreign_vcpu look_at(const struct vcpu_reading *reading,
                                   const struct guest_reading *guest)
{
    struct foreign_vcpu now = {.vcpu = reading->vcpu, .mask = mark_of(&reading->mask)};

    memcpy(now.uuid, reading->guest.uuid, sizeof(now.uuid));
    now.run = guest ? guest->run : 0;
    now.slice = guest ? mark_of(&guest->slice) : 0;
    return now;
}

void foreign_mark(struct foreign *foreign, struct vcpu_sample *sample, const struct log *log)
{
    struct foreign_vcpu *vcpus = calloc(sample->n_vcpus + 1, sizeof(*vcpus));
    uint64_t online = mark_of_online(sample);
    size_t guest = 0, at = 0, at_pin = 0;
    bool is_yielded = foreign->is_yielded;

    for (size_t i = 0; vcpus && i < sample->n_vcpus; i++) {
        struct vcpu_reading *reading = &sample->vcpus[i];
        struct foreign_vcpu *now = &vcpus[i];
        const struct foreign_vcpu *old;

        *now = look_at(reading, guest_of(sample, &reading->guest, &guest));
        old = find(foreign, &at, now);
        now->said_ns = old ? old->said_ns : 0;
        now->is_yielded = old && old->is_yielded;
        now->is_ours = old && old->is_ours;
        reading->is_foreign = online == foreign->online &&
                              is_touched(our_pin(foreign, &at_pin, reading), old, now, reading);
        if (reading->is_foreign)
            say(reading, sample->at_ns, now, log);
        now->is_ours = now->is_ours && !reading->is_foreign;
    }
    foreign_done(foreign);
    *foreign = (struct foreign){.vcpus = vcpus,
                                .n = vcpus ? sample->n_vcpus : 0,
                                .online = online,
                                .is_yielded = is_yielded};
}

static int compare_vcpus(const void *a, const void *b)
{
    const struct foreign_vcpu *x = a, *y = b;
    int order = memcmp(x->uuid, y->uuid, sizeof(x->uuid));

    return order ? order : (x->vcpu > y->vcpu) - (x->vcpu < y->vcpu);
}

/* What was just done: for sure, or nobody knows. */
static void note(struct foreign *foreign, const struct guest_id *guest, unsigned vcpu, bool is_sure)
{
    struct foreign_vcpu key = {.vcpu = vcpu}, *found = NULL;

    memcpy(key.uuid, guest->uuid, sizeof(key.uuid));
    if (foreign->n)
        found = bsearch(&key, foreign->vcpus, foreign->n, sizeof(key), compare_vcpus);
    if (!found)
        return;
    found->is_ours |= is_sure;
    found->is_unknown |= !is_sure;
}

void foreign_forget_all(struct foreign *foreign)
{
    for (size_t i = 0; i < foreign->n; i++) {
        foreign->vcpus[i].is_unknown = true;
        foreign->vcpus[i].is_ours = false;
    }
}

void foreign_applied(struct foreign *foreign, const struct vcpu_plan *plan,
                     const struct tally *tally)
{
    bool is_sure =
        tally->failed == 0 && tally->gone == 0 && tally->done == plan->n_pins + plan->n_releases;

    if (is_sure && plan->n_pins)
        foreign->pins = malloc(plan->n_pins * sizeof(*foreign->pins));
    if (foreign->pins) {
        memcpy(foreign->pins, plan->pins, plan->n_pins * sizeof(*foreign->pins));
        qsort(foreign->pins, plan->n_pins, sizeof(*foreign->pins), compare_pins);
        foreign->n_pins = plan->n_pins;
    }
    for (size_t i = 0; i < plan->n_pins; i++)
        note(foreign, &plan->pins[i].guest, plan->pins[i].vcpu, foreign->pins != NULL);
    for (size_t i = 0; i < plan->n_releases; i++)
        note(foreign, &plan->releases[i].guest, plan->releases[i].vcpu, false);
}

void foreign_warn(struct foreign *foreign, const struct vcpu_sample *sample,
                  const struct vcpu_plan *plan, const struct log *log)
{
    if (plan->is_yielded && !foreign->is_yielded)
        event_line(
            log, EVENT_FOREIGN, LOG_WARNING, NULL,
            "somebody else pins guests again and again: everything is left to him for a while; "
            "stop him, or leave his guests out with --match");
    foreign->is_yielded = plan->is_yielded;
    for (size_t i = 0; i < foreign->n && i < plan->n_places && i < sample->n_vcpus; i++) {
        bool is_news = plan->places[i].is_yielded && !foreign->vcpus[i].is_yielded;

        foreign->vcpus[i].is_yielded = plan->places[i].is_yielded;
        if (is_news)
            event_line(
                log, EVENT_FOREIGN, LOG_WARNING, &sample->vcpus[i].guest,
                "guest '%s': somebody else pins vCPU %u again and again: it is left to him for a "
                "while; stop him, or leave the guest out with --match '!%s'",
                sample->vcpus[i].guest.name, sample->vcpus[i].vcpu, sample->vcpus[i].guest.name);
    }
}
