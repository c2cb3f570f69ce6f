/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/reach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool has_all_online(const struct vcpu_sample *sample, const struct cpuset *set)
{
    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (!cpuset_has(set, sample->pcpus[p].id))
            return false;
    return true;
}

void reach_see_mask(const struct vcpu_mask *before, const struct vcpu_sample *sample,
                    const struct vcpu_reading *reading, struct vcpu_mask *ret)
{
    *ret = before ? *before : (struct vcpu_mask){0};
    if (cpuset_count(&reading->affinity) < 2 || reading->is_ours ||
        (ret->known && cpuset_is_equal(&ret->set, &reading->affinity)))
        return;
    ret->known = true;
    ret->confines = !has_all_online(sample, &reading->affinity);
    ret->set = reading->affinity;
}

static struct vcpu_refused_pcpu *find(const struct vcpu_refused_pcpus *refused,
                                      const unsigned char *uuid, unsigned pcpu)
{
    for (size_t i = 0; i < refused->n; i++)
        if (refused->list[i].pcpu == pcpu && memcmp(refused->list[i].uuid, uuid, 16) == 0)
            return &refused->list[i];
    return NULL;
}

bool reach_refuse(struct vcpu_refused_pcpus *refused, const struct guest_id *guest, unsigned pcpu,
                  uint64_t now_ns, double left_out_s)
{
    struct vcpu_refused_pcpu *entry = find(refused, guest->uuid, pcpu);

    if (!entry) {
        entry = realloc(refused->list, (refused->n + 1) * sizeof(*entry));
        if (!entry)
            return false;
        refused->list = entry;
        entry += refused->n++;
        *entry = (struct vcpu_refused_pcpu){.pcpu = pcpu};
        memcpy(entry->uuid, guest->uuid, sizeof(entry->uuid));
    }
    if (backoff_is_waiting(&entry->backoff, now_ns)) /* another of its vCPUs was refused as well */
        return false;
    backoff_fail(&entry->backoff, now_ns, left_out_s);
    return true;
}

static bool is_forgotten(const struct backoff *backoff, uint64_t now_ns, double left_out_s)
{
    return now_ns > backoff->until_ns + backoff_wait_ns(backoff->times, left_out_s);
}

int reach_keep_refused(const struct vcpu_refused_pcpus *before, uint64_t now_ns, double left_out_s,
                       struct vcpu_refused_pcpus *ret)
{
    *ret = (struct vcpu_refused_pcpus){0};
    if (before->n == 0)
        return 0;
    ret->list = calloc(before->n, sizeof(*ret->list));
    if (!ret->list)
        return -ENOMEM;
    for (size_t i = 0; i < before->n; i++)
        if (!is_forgotten(&before->list[i].backoff, now_ns, left_out_s))
            ret->list[ret->n++] = before->list[i];
    return 0;
}

static bool is_any(const bool *may, size_t n)
{
    for (size_t p = 0; p < n; p++)
        if (may[p])
            return true;
    return false;
}

/* Whether the mask and the definition have an online pCPU in common. If not, somebody changed the
 * definition since, and that binds. */
static bool is_followed(const struct vcpu_sample *sample, const struct vcpu_reading *reading,
                        const struct vcpu_mask *mask)
{
    if (!mask || !mask->confines)
        return false;
    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (cpuset_has(&mask->set, sample->pcpus[p].id) &&
            cpuset_has(&reading->allowed, sample->pcpus[p].id))
            return true;
    return false;
}

static void permit(const struct vcpu_sample *sample, const struct vcpu_reading *reading,
                   const struct vcpu_mask *mask, bool *may)
{
    bool is_confined = is_followed(sample, reading, mask);

    for (size_t p = 0; p < sample->n_pcpus; p++) {
        const struct pcpu_reading *pcpu = &sample->pcpus[p];

        may[p] = pcpu->use == PCPU_USABLE && !reading->has_strange_limits &&
                 cpuset_has(&reading->allowed, pcpu->id) &&
                 (!is_confined || cpuset_has(&mask->set, pcpu->id));
    }
}

static void leave_out(const struct vcpu_sample *sample, const struct vcpu_reading *reading,
                      const struct vcpu_refused_pcpus *refused, bool *may)
{
    for (size_t i = 0; i < refused->n; i++) {
        const struct vcpu_refused_pcpu *entry = &refused->list[i];
        int p = vcpu_sample_pcpu(sample, (int)entry->pcpu);

        if (p >= 0 && memcmp(entry->uuid, reading->guest.uuid, 16) == 0 &&
            backoff_is_waiting(&entry->backoff, sample->at_ns))
            may[p] = false;
    }
}

void reach_of(const struct vcpu_sample *sample, const struct vcpu_reading *reading,
              const struct vcpu_mask *mask, const struct vcpu_refused_pcpus *refused, bool *may)
{
    permit(sample, reading, mask, may);
    if (refused->n == 0)
        return;
    leave_out(sample, reading, refused, may);
    if (!is_any(may, sample->n_pcpus))
        permit(sample, reading, mask, may);
}
