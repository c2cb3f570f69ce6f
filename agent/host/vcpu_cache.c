/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/vcpu_cache.h"

#include <stdlib.h>
#include <string.h>

enum { TURNS = 16 };
/* Of a pCPU: so much more waiting than in the sample before is worth a look. */
static const double JUMP = 0.2;

static void forget(struct cached_guest *guest)
{
    free(guest->facts);
    guest->facts = NULL;
    guest->n_facts = 0;
}

void vcpu_cache_done(struct vcpu_cache *cache)
{
    for (size_t i = 0; i < cache->n; i++)
        forget(&cache->list[i]);
    free(cache->list);
    *cache = (struct vcpu_cache){0};
}

void vcpu_cache_begin(struct vcpu_cache *cache, const struct cpuset *online, uint64_t at_ns)
{
    if (!cpuset_is_equal(&cache->online, online))
        vcpu_cache_invalidate(cache, NULL);
    cache->online = *online;
    cache->turn++;
    cache->at_ns = at_ns;
    for (size_t i = 0; i < cache->n; i++)
        cache->list[i].is_seen = false;
}

void vcpu_cache_end(struct vcpu_cache *cache)
{
    size_t kept = 0;

    for (size_t i = 0; i < cache->n; i++) {
        if (cache->list[i].is_seen)
            cache->list[kept++] = cache->list[i];
        else
            forget(&cache->list[i]);
    }
    cache->n = kept;
}

static size_t find_place(const struct vcpu_cache *cache, const unsigned char uuid[16])
{
    size_t low = 0, high = cache->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(cache->list[middle].uuid, uuid, 16) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(struct vcpu_cache *cache)
{
    size_t room = cache->room ? 2 * cache->room : 64;
    struct cached_guest *grown;

    if (cache->n < cache->room)
        return true;
    grown = realloc(cache->list, room * sizeof(*grown));
    if (!grown)
        return false;
    cache->list = grown;
    cache->room = room;
    return true;
}

struct cached_guest *vcpu_cache_see(struct vcpu_cache *cache, const struct active_guest *guest)
{
    size_t at = find_place(cache, guest->id.uuid);
    struct cached_guest *found;

    if (at == cache->n || memcmp(cache->list[at].uuid, guest->id.uuid, 16) != 0) {
        if (!make_room(cache))
            return NULL;
        memmove(&cache->list[at + 1], &cache->list[at], (cache->n - at) * sizeof(*cache->list));
        cache->n++;
        cache->list[at] = (struct cached_guest){.number = guest->number};
        memcpy(cache->list[at].uuid, guest->id.uuid, 16);
    }
    found = &cache->list[at];
    found->is_seen = true;
    if (found->number != guest->number) {
        forget(found);
        found->number = guest->number;
    }
    return found;
}

/* Whether the bulk call tells all that the facts do not keep, and shows the same vCPUs. */
static bool is_covered(const struct cached_guest *guest, const struct guest_stats *stats)
{
    size_t n_online = 0, n_known = 0;

    for (size_t i = 0; i < stats->n_vcpus; i++)
        n_online += stats->vcpus[i].online;
    for (size_t i = 0; i < guest->n_facts; i++) {
        const struct vcpu_fact *fact = &guest->facts[i];
        const struct vcpu_stats *bulk =
            fact->vcpu < stats->n_vcpus ? &stats->vcpus[fact->vcpu] : NULL;

        if (!fact->online)
            continue;
        if (!bulk || !bulk->online || !bulk->has_time)
            return false;
        n_known++;
    }
    return guest->facts && n_known == n_online;
}

/* Somebody who has put vCPUs on one pCPU makes them wait. */
static bool has_jumped(const struct vcpu_cache *cache, struct cached_guest *guest,
                       const struct guest_stats *stats, uint64_t before_ns)
{
    uint64_t delay_ns = 0;
    double waited, grown;

    for (size_t i = 0; i < stats->n_vcpus; i++)
        delay_ns += stats->vcpus[i].delay_ns;
    waited = delay_ns > guest->delay_ns && cache->at_ns > before_ns
                 ? (double)(delay_ns - guest->delay_ns) / (double)(cache->at_ns - before_ns)
                 : 0;
    grown = waited - guest->waited;
    guest->delay_ns = delay_ns;
    guest->waited = waited;
    return grown > JUMP;
}

bool vcpu_cache_is_due(const struct vcpu_cache *cache, struct cached_guest *guest,
                       const struct guest_stats *stats)
{
    uint64_t before_ns = guest->at_ns;
    bool jumped = has_jumped(cache, guest, stats, before_ns);

    guest->at_ns = cache->at_ns;
    return jumped || guest->is_due || cache->turn % TURNS == guest->uuid[15] % TURNS ||
           !is_covered(guest, stats);
}

void vcpu_cache_set(struct cached_guest *guest, struct vcpu_fact *facts, size_t n)
{
    forget(guest);
    guest->facts = facts;
    guest->n_facts = n;
    guest->is_due = false;
}

void vcpu_cache_invalidate(struct vcpu_cache *cache, const unsigned char uuid[16])
{
    size_t at = uuid ? find_place(cache, uuid) : 0;

    for (; at < cache->n; at++) {
        if (!uuid || memcmp(cache->list[at].uuid, uuid, 16) == 0)
            cache->list[at].is_due = true;
        if (uuid)
            return;
    }
}
