/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/sample_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/guest_name.h"

/* Room for one more element of size bytes, zeroed; the array, grown if need be, or NULL. */
static void *grow(void *array, size_t n, size_t *room, size_t size)
{
    if (n == *room) {
        size_t more = n ? n * 2 : 16;

        void *grown = realloc(array, more * size);

        if (!grown)
            return NULL;
        array = grown;
        *room = more;
    }
    memset((char *)array + n * size, 0, size);
    return array;
}

struct vcpu_reading *vcpu_sample_add(struct vcpu_sample *sample, size_t *room)
{
    struct vcpu_reading *grown = grow(sample->vcpus, sample->n_vcpus, room, sizeof(*sample->vcpus));

    if (!grown)
        return NULL;
    sample->vcpus = grown;
    return &grown[sample->n_vcpus++];
}

int vcpu_sample_make_room(struct vcpu_sample *sample, size_t *room, size_t n)
{
    struct vcpu_reading *made = malloc((n + 1) * sizeof(*made));

    if (!made)
        return -ENOMEM;
    sample->vcpus = made;
    *room = n + 1;
    return 0;
}

struct guest_reading *vcpu_sample_add_guest(struct vcpu_sample *sample, size_t *room)
{
    struct guest_reading *grown =
        grow(sample->guests, sample->n_guests, room, sizeof(*sample->guests));

    if (!grown)
        return NULL;
    sample->guests = grown;
    return &grown[sample->n_guests++];
}

struct helper_reading *vcpu_sample_add_helpers(struct vcpu_sample *sample, size_t *room)
{
    struct helper_reading *grown =
        grow(sample->helpers, sample->n_helpers, room, sizeof(*sample->helpers));

    if (!grown)
        return NULL;
    sample->helpers = grown;
    return &grown[sample->n_helpers++];
}

struct memory_reading *memory_sample_add(struct memory_sample *sample, size_t *room)
{
    struct memory_reading *grown =
        grow(sample->guests, sample->n_guests, room, sizeof(*sample->guests));

    if (!grown)
        return NULL;
    sample->guests = grown;
    return &grown[sample->n_guests++];
}

int vcpu_sample_set_pcpus(struct vcpu_sample *sample, const struct cpuset *online)
{
    sample->pcpus = calloc(cpuset_count(online) + 1, sizeof(*sample->pcpus));
    if (!sample->pcpus)
        return -ENOMEM;
    for (unsigned c = cpuset_next(online, 0); c < CPUSET_SIZE; c = cpuset_next(online, c + 1))
        sample->pcpus[sample->n_pcpus++].id = c;
    return 0;
}

void guest_id_set(struct guest_id *ret, const unsigned char uuid[16], const char *name)
{
    memcpy(ret->uuid, uuid, sizeof(ret->uuid));
    guest_name_set(ret, name);
}
