/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/others.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct other_vcpu {
    unsigned char uuid[16];
    unsigned vcpu;
    uint64_t time_ns;
};

static int compare(const void *a, const void *b)
{
    const struct other_vcpu *left = a, *right = b;
    int order = memcmp(left->uuid, right->uuid, sizeof(left->uuid));

    return order ? order : (left->vcpu > right->vcpu) - (left->vcpu < right->vcpu);
}

static bool keep(struct others *others, const struct other_vcpu *vcpu)
{
    if (others->n_now == others->room_now) {
        size_t room = others->room_now ? others->room_now * 2 : 64;
        struct other_vcpu *grown = realloc(others->now, room * sizeof(*grown));

        if (!grown)
            return false;
        others->now = grown;
        others->room_now = room;
    }
    others->now[others->n_now++] = *vcpu;
    return true;
}

static void spread(double *load, const struct vcpu_sample *sample, double permille,
                   const struct cpuset *affinity)
{
    size_t n = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++)
        n += cpuset_has(affinity, sample->pcpus[p].id);
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        if (cpuset_has(affinity, sample->pcpus[p].id))
            load[p] += permille / (double)n;
    }
}

void others_add(struct others *others, const struct vcpu_sample *sample,
                const unsigned char uuid[16], unsigned vcpu, uint64_t time_ns,
                const struct cpuset *affinity)
{
    struct other_vcpu key = {.vcpu = vcpu, .time_ns = time_ns};
    const struct other_vcpu *before = NULL;

    memcpy(key.uuid, uuid, sizeof(key.uuid));
    if (!others->load)
        others->load = calloc(sample->n_pcpus + 1, sizeof(*others->load));
    if (!others->load || !keep(others, &key)) {
        others->is_full = true;
        return;
    }
    if (others->n_before)
        before = bsearch(&key, others->before, others->n_before, sizeof(key), compare);
    if (before && time_ns > before->time_ns && sample->at_ns > others->before_ns)
        spread(others->load, sample,
               1000 * (double)(time_ns - before->time_ns) /
                   (double)(sample->at_ns - others->before_ns),
               affinity);
}

int others_end(struct others *others, struct vcpu_sample *sample)
{
    struct other_vcpu *spare = others->before;
    size_t room = others->room_before;
    int r = others->is_full ? -ENOMEM : 0;

    for (size_t p = 0; p < sample->n_pcpus && others->load; p++)
        sample->pcpus[p].background_permille =
            others->load[p] < 1000 ? (int)(others->load[p] + 0.5) : 1000;
    if (others->n_now)
        qsort(others->now, others->n_now, sizeof(*others->now), compare);
    others->before = others->now;
    others->n_before = others->n_now;
    others->room_before = others->room_now;
    others->now = spare;
    others->room_now = room;
    others->n_now = 0;
    others->before_ns = sample->at_ns;
    free(others->load);
    others->load = NULL;
    others->is_full = false;
    return r;
}

void others_done(struct others *others)
{
    free(others->now);
    free(others->before);
    free(others->load);
    *others = (struct others){0};
}
