/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_VCPU_CACHE_H
#define EVENKEEL_AGENT_HOST_VCPU_CACHE_H

#include "agent/host/host_libvirt_guest.h"

/* What libvirt told of each guest's vCPUs one by one: their masks, which hardly ever change. The bulk call
 * tells the rest. So a sixteenth of the guests is asked in each sample, and who may have changed: whose
 * pins were set through libvirt, which tells of that; who was started, or has other vCPUs online; whose
 * waiting jumped; and all of them where pCPUs came or went. */
struct vcpu_cache {
    struct cached_guest *list; /* owned, sorted by UUID */
    size_t n, room;
    unsigned turn;        /* counts samples */
    struct cpuset online; /* in the last one */
    uint64_t at_ns;       /* its time */
};

struct cached_guest {
    unsigned char uuid[16];
    int number;              /* of its run */
    bool is_seen;            /* in the sample under way */
    bool is_due;             /* asked in the next one whatever it shows */
    struct vcpu_fact *facts; /* owned; NULL: not asked yet */
    size_t n_facts;
    uint64_t at_ns;    /* of the last sample with it ... */
    uint64_t delay_ns; /* ... what all its vCPUs had waited then ... */
    double waited;     /* ... and how much they did in it, per time */
};
void vcpu_cache_done(struct vcpu_cache *cache);

/* Around a sample. Who was not seen in it is forgotten at its end. */
void vcpu_cache_begin(struct vcpu_cache *cache, const struct cpuset *online, uint64_t at_ns);
void vcpu_cache_end(struct vcpu_cache *cache);
/* Valid until the next one is seen. NULL: no memory. */
struct cached_guest *vcpu_cache_see(struct vcpu_cache *cache, const struct active_guest *guest);
/* Whether the guest has to be asked; stats are those of the bulk call. */
bool vcpu_cache_is_due(const struct vcpu_cache *cache, struct cached_guest *guest,
                       const struct guest_stats *stats);
/* Takes facts over that were just told. */
void vcpu_cache_set(struct cached_guest *guest, struct vcpu_fact *facts, size_t n);
/* The guest is asked next time; NULL: all are. */
void vcpu_cache_invalidate(struct vcpu_cache *cache, const unsigned char uuid[16]);

#endif
