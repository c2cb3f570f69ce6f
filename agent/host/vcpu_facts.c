/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/vcpu_facts.h"

#include <stdlib.h>

enum { TURNS = 16 };
/* Of a pCPU: so much more waiting than in the sample before is worth a look. */
static const double JUMP = 0.2;

void vcpu_facts_done(struct vcpu_facts *facts)
{
    free(facts->list);
    *facts = (struct vcpu_facts){0};
}

void vcpu_facts_set(struct vcpu_facts *facts, struct vcpu_fact *list, size_t n)
{
    free(facts->list);
    facts->list = list;
    facts->n = n;
    facts->is_due = false;
}

/* Whether the bulk call tells all that the facts do not keep, and shows the same vCPUs. */
static bool is_covered(const struct vcpu_facts *facts, const struct guest_stats *stats)
{
    size_t n_online = 0, n_known = 0;

    for (size_t i = 0; i < stats->n_vcpus; i++)
        n_online += stats->vcpus[i].online;
    for (size_t i = 0; i < facts->n; i++) {
        const struct vcpu_fact *fact = &facts->list[i];
        const struct vcpu_stats *bulk =
            fact->vcpu < stats->n_vcpus ? &stats->vcpus[fact->vcpu] : NULL;

        if (!fact->online)
            continue;
        if (!bulk || !bulk->online || !bulk->has_time)
            return false;
        n_known++;
    }
    return facts->list && n_known == n_online;
}

/* Somebody who has put vCPUs on one pCPU makes them wait. */
static bool has_jumped(struct vcpu_facts *facts, const struct guest_stats *stats, uint64_t at_ns)
{
    uint64_t delay_ns = 0;
    double waited, grown;

    for (size_t i = 0; i < stats->n_vcpus; i++)
        delay_ns += stats->vcpus[i].delay_ns;
    waited = delay_ns > facts->delay_ns && at_ns > facts->at_ns
                 ? (double)(delay_ns - facts->delay_ns) / (double)(at_ns - facts->at_ns)
                 : 0;
    grown = waited - facts->waited;
    facts->delay_ns = delay_ns;
    facts->waited = waited;
    return grown > JUMP;
}

bool vcpu_facts_are_due(struct vcpu_facts *facts, const unsigned char uuid[16], unsigned turn,
                        uint64_t at_ns, const struct guest_stats *stats)
{
    bool jumped = has_jumped(facts, stats, at_ns);

    facts->at_ns = at_ns;
    return jumped || facts->is_due || turn % TURNS == uuid[15] % TURNS || !is_covered(facts, stats);
}
