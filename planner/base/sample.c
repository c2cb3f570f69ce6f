/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/base/sample.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static int compare_vcpus(const void *a, const void *b)
{
    const struct vcpu_reading *left = a;
    const struct vcpu_reading *right = b;
    int order = guest_compare(&left->guest, &right->guest);

    return order ? order : (left->vcpu > right->vcpu) - (left->vcpu < right->vcpu);
}

static int compare_pcpus(const void *a, const void *b)
{
    const struct pcpu_reading *left = a;
    const struct pcpu_reading *right = b;

    return (left->id > right->id) - (left->id < right->id);
}

static int compare_wholes(const void *a, const void *b)
{
    const struct guest_reading *left = a;
    const struct guest_reading *right = b;

    return guest_compare(&left->guest, &right->guest);
}

static int compare_helpers(const void *a, const void *b)
{
    const struct helper_reading *left = a;
    const struct helper_reading *right = b;
    int order = guest_compare(&left->guest, &right->guest);

    return order ? order : (left->iothread > right->iothread) - (left->iothread < right->iothread);
}

const char *pcpu_use_text(enum pcpu_use use)
{
    switch (use) {
    case PCPU_USABLE:
        return "usable";
    case PCPU_ISOLATED:
        return "isolated";
    case PCPU_TICKLESS:
        return "tickless";
    case PCPU_OUTSIDE_SLICE:
        return "outside-slice";
    case PCPU_RESERVED:
        return "reserved";
    }
    return "unknown";
}

int vcpu_sample_pcpu(const struct vcpu_sample *sample, int id)
{
    struct pcpu_reading key = {.id = (unsigned)id};
    const struct pcpu_reading *found = NULL;

    if (id >= 0 && sample->n_pcpus)
        found = bsearch(&key, sample->pcpus, sample->n_pcpus, sizeof(key), compare_pcpus);
    return found ? (int)(found - sample->pcpus) : -1;
}

size_t vcpu_sample_guest_size(const struct vcpu_sample *sample, size_t first)
{
    size_t end = first + 1;

    while (end < sample->n_vcpus &&
           guest_compare(&sample->vcpus[end].guest, &sample->vcpus[first].guest) == 0)
        end++;
    return end - first;
}

/* list: n elements of this size, sorted, that begin with their guest. */
static size_t first_not_below(const void *list, size_t n, size_t size, const struct guest_id *guest)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (guest_compare((const void *)((const char *)list + middle * size), guest) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct cpuset *vcpu_reading_freed(const struct vcpu_reading *reading)
{
    return cpuset_count(&reading->found) > 0 ? &reading->found : &reading->allowed;
}

const struct cpuset *vcpu_reading_unpinned(const struct vcpu_reading *reading)
{
    return reading->is_ours ? vcpu_reading_freed(reading) : &reading->affinity;
}

size_t vcpu_sample_first_vcpu(const struct vcpu_sample *sample, const struct guest_id *guest)
{
    static_assert(offsetof(struct vcpu_reading, guest) == 0, "see first_not_below()");
    return first_not_below(sample->vcpus, sample->n_vcpus, sizeof(*sample->vcpus), guest);
}

size_t vcpu_sample_first_helper(const struct vcpu_sample *sample, const struct guest_id *guest)
{
    static_assert(offsetof(struct helper_reading, guest) == 0, "see first_not_below()");
    return first_not_below(sample->helpers, sample->n_helpers, sizeof(*sample->helpers), guest);
}

const struct guest_reading *vcpu_sample_guest(const struct vcpu_sample *sample,
                                              const struct guest_id *guest)
{
    size_t g = first_not_below(sample->guests, sample->n_guests, sizeof(*sample->guests), guest);

    static_assert(offsetof(struct guest_reading, guest) == 0, "see first_not_below()");
    return g < sample->n_guests && guest_compare(&sample->guests[g].guest, guest) == 0
               ? &sample->guests[g]
               : NULL;
}

size_t vcpu_sample_first_running(const struct vcpu_sample *sample, size_t first, size_t n)
{
    size_t i = first;

    while (i < first + n && !sample->vcpus[i].running)
        i++;
    return i;
}

static int only_member(const struct cpuset *set)
{
    unsigned first = cpuset_next(set, 0);

    if (first == CPUSET_SIZE || cpuset_next(set, first + 1) < CPUSET_SIZE)
        return -1;
    return (int)first;
}

void vcpu_sample_sort(struct vcpu_sample *sample)
{
    if (sample->n_vcpus)
        qsort(sample->vcpus, sample->n_vcpus, sizeof(*sample->vcpus), compare_vcpus);
    if (sample->n_pcpus)
        qsort(sample->pcpus, sample->n_pcpus, sizeof(*sample->pcpus), compare_pcpus);
    if (sample->n_guests)
        qsort(sample->guests, sample->n_guests, sizeof(*sample->guests), compare_wholes);
    if (sample->n_helpers)
        qsort(sample->helpers, sample->n_helpers, sizeof(*sample->helpers), compare_helpers);
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        struct vcpu_reading *reading = &sample->vcpus[i];

        reading->pcpu = only_member(&reading->affinity);
        reading->at = vcpu_sample_pcpu(sample, reading->pcpu);
    }
}

int vcpu_sample_check(const struct vcpu_sample *sample, struct err *err)
{
    for (size_t i = 1; i < sample->n_vcpus; i++)
        if (compare_vcpus(&sample->vcpus[i - 1], &sample->vcpus[i]) >= 0)
            return err_set(err, -EINVAL,
                           "guest '%s': vCPU %u is twice in the sample or out of order",
                           sample->vcpus[i].guest.name, sample->vcpus[i].vcpu);
    for (size_t p = 1; p < sample->n_pcpus; p++)
        if (compare_pcpus(&sample->pcpus[p - 1], &sample->pcpus[p]) >= 0)
            return err_set(err, -EINVAL, "pCPU %u is twice in the sample or out of order",
                           sample->pcpus[p].id);
    for (size_t p = 0; p < sample->n_pcpus && sample->n_nodes > 0; p++)
        if (sample->pcpus[p].place.node >= sample->n_nodes)
            return err_set(err, -EINVAL, "pCPU %u is on a node that the sample does not have",
                           sample->pcpus[p].id);
    for (size_t h = 1; h < sample->n_helpers; h++)
        if (compare_helpers(&sample->helpers[h - 1], &sample->helpers[h]) >= 0)
            return err_set(err, -EINVAL,
                           "guest '%s': I/O thread %u is twice in the sample or out of order",
                           sample->helpers[h].guest.name, sample->helpers[h].iothread);
    return 0;
}

int vcpu_sample_set_nodes(struct vcpu_sample *sample, size_t n, const int *ids,
                          const unsigned *distances)
{
    free(sample->node_ids);
    free(sample->distances);
    sample->n_nodes = 0;
    sample->node_ids = calloc(n + 1, sizeof(*sample->node_ids));
    sample->distances = calloc(n * n + 1, sizeof(*sample->distances));
    if (!sample->node_ids || !sample->distances)
        return -ENOMEM;
    if (n > 0) {
        memcpy(sample->node_ids, ids, n * sizeof(*ids));
        memcpy(sample->distances, distances, n * n * sizeof(*distances));
    }
    sample->n_nodes = n;
    return 0;
}

void vcpu_sample_forget_helpers(struct vcpu_sample *sample)
{
    free(sample->helpers);
    sample->helpers = NULL;
    sample->n_helpers = 0;
}

void vcpu_sample_done(struct vcpu_sample *sample)
{
    if (!sample)
        return;
    free(sample->pcpus);
    free(sample->vcpus);
    free(sample->guests);
    free(sample->helpers);
    free(sample->node_ids);
    free(sample->distances);
    memset(sample, 0, sizeof(*sample));
}

static int compare_guests(const void *a, const void *b)
{
    const struct memory_reading *left = a;
    const struct memory_reading *right = b;

    return guest_compare(&left->guest, &right->guest);
}

bool memory_reading_is_unasked(const struct memory_reading *reading)
{
    return reading->run == GUEST_RUNNING && reading->has_balloon && !reading->locked &&
           !reading->policy.excluded && !reading->stats_period_s;
}

bool memory_reading_is_resident(const struct memory_reading *reading)
{
    return reading->locked && reading->lock != MEMORY_LOCK_UNREAD &&
           reading->lock != MEMORY_LOCK_UNREADABLE;
}

uint64_t memory_reading_may_hold_kib(const struct memory_reading *reading, uint64_t held_kib)
{
    bool is_to_run = reading->run == GUEST_ARRIVING || reading->run == GUEST_STARTING;

    return is_to_run && held_kib < reading->maximum_kib ? reading->maximum_kib : held_kib;
}

void memory_sample_sort(struct memory_sample *sample)
{
    if (sample->n_guests)
        qsort(sample->guests, sample->n_guests, sizeof(*sample->guests), compare_guests);
}

static uint64_t largest_of(const uint64_t *sizes_kib, size_t n)
{
    uint64_t largest = 0;

    for (size_t i = 0; i < n; i++)
        largest = sizes_kib[i] > largest ? sizes_kib[i] : largest;
    return largest;
}

int memory_sample_check(const struct memory_sample *sample, struct err *err)
{
    const uint64_t host[] = {sample->host_total_kib, sample->host_free_kib,
                             sample->host_available_kib, sample->host_arc_kib};

    if (largest_of(host, sizeof(host) / sizeof(host[0])) > memory_most_kib)
        return err_set(err, -EINVAL, "the host is said to have more than 16 PiB of memory");
    for (size_t i = 0; i < sample->n_guests; i++) {
        const struct memory_reading *guest = &sample->guests[i];
        const uint64_t sizes[] = {
            guest->actual_kib,       guest->maximum_kib,
            guest->beside_kib,       guest->has & MEMORY_HAS_RSS ? guest->rss_kib : 0,
            guest->policy.floor_kib, guest->policy.ceiling_kib,
            guest->policy.pin_kib};

        if (largest_of(sizes, sizeof(sizes) / sizeof(sizes[0])) > memory_most_kib)
            return err_set(err, -EINVAL, "guest '%s' is said to have a size of more than 16 PiB",
                           guest->guest.name);
    }
    return 0;
}

void memory_sample_done(struct memory_sample *sample)
{
    if (!sample)
        return;
    free(sample->guests);
    memset(sample, 0, sizeof(*sample));
}
