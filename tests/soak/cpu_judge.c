/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>

#include "tests/soak/soak.h"

/* Where a vCPU may be pinned: by the sample that the program saw, by what the scenario says of host
 * and guest, and by the masks that others gave it. */

static size_t index_of(const struct soak *soak, const struct guest_state_now *guest, unsigned vcpu)
{
    (void)soak;
    return guest->first_vcpu + vcpu;
}

static bool names_all_online(const struct soak *soak, const struct cpuset *set)
{
    for (size_t p = 0; p < soak->vcpus->n_pcpus; p++)
        if (!cpuset_has(set, soak->vcpus->pcpus[p].id))
            return false;
    return true;
}

/* A mask of several pCPUs is somebody's decision, as long as the guest runs and is seen. */
void soak_judge_seen(struct soak *soak)
{
    soak->samples++;
    for (size_t i = 0; i < soak->vcpus->n_vcpus; i++) {
        const struct vcpu_reading *reading = &soak->vcpus->vcpus[i];
        const struct guest_state_now *guest = soak_guest(soak, &reading->guest);
        struct soak_mask *mask = &soak->masks[index_of(soak, guest, reading->vcpu)];

        if (mask->run != guest->run || mask->seen + 1 != soak->samples)
            *mask = (struct soak_mask){.run = guest->run};
        mask->seen = soak->samples;
        if (cpuset_count(&reading->affinity) < 2 ||
            (mask->is_known && cpuset_is_equal(&mask->set, &reading->affinity)))
            continue;
        mask->is_known = true;
        mask->set = reading->affinity;
        mask->binds = !names_all_online(soak, &mask->set);
    }
}

static const struct vcpu_reading *reading_of(const struct soak *soak, const struct guest_id *id,
                                             unsigned vcpu)
{
    for (size_t i = 0; i < soak->vcpus->n_vcpus; i++) {
        const struct vcpu_reading *reading = &soak->vcpus->vcpus[i];

        if (reading->vcpu == vcpu && guest_compare(&reading->guest, id) == 0)
            return reading;
    }
    return NULL;
}

static bool was_online(const struct soak *soak, unsigned pcpu)
{
    for (size_t p = 0; p < soak->vcpus->n_pcpus; p++)
        if (soak->vcpus->pcpus[p].id == pcpu)
            return true;
    return false;
}

/* Whether mask and definition leave a pCPU that is online; if not, the definition alone binds. */
static bool can_be_followed(const struct soak *soak, const struct cpuset *mask,
                            const struct cpuset *allowed)
{
    for (size_t p = 0; p < soak->vcpus->n_pcpus; p++)
        if (cpuset_has(mask, soak->vcpus->pcpus[p].id) &&
            cpuset_has(allowed, soak->vcpus->pcpus[p].id))
            return true;
    return false;
}

static const char *why_not(const struct soak *soak, const struct guest_state_now *guest,
                           const struct vcpu_reading *reading, unsigned pcpu)
{
    const struct scenario *scenario = &soak->world->scenario;
    const struct soak_mask *mask = &soak->masks[index_of(soak, guest, reading->vcpu)];
    struct cpuset allowed = guest->spec->allowed;

    cpuset_and(&allowed, &scenario->slice);
    if (!reading->running)
        return "the vCPU does not run";
    if (guest->spec->has_strange_limits)
        return "nobody knows the guest's limits";
    if (!was_online(soak, pcpu))
        return "the pCPU is not online";
    if (cpuset_has(&scenario->isolated, pcpu) || cpuset_has(&scenario->tickless, pcpu))
        return "the kernel keeps the pCPU to itself";
    if (cpuset_has(&soak->options.reserve, pcpu))
        return "the pCPU is reserved";
    if (!cpuset_has(&allowed, pcpu))
        return "the guest's definition or slice forbids it";
    if (mask->binds && can_be_followed(soak, &mask->set, &allowed) && !cpuset_has(&mask->set, pcpu))
        return "the vCPU's live mask forbids it";
    return NULL;
}

void soak_judge_pin(struct soak *soak, const struct guest_id *id, unsigned vcpu,
                    const struct cpuset *to)
{
    const struct vcpu_reading *reading = reading_of(soak, id, vcpu);
    const struct guest_state_now *guest = soak_guest(soak, id);
    unsigned pcpu = cpuset_next(to, 0);
    const char *why;

    if (!reading || !guest) {
        soak_refuse(soak, "a pin for vCPU %u of '%s', which no sample had", vcpu, id->name);
        return;
    }
    if (cpuset_count(to) != 1) {
        soak_refuse(soak, "a pin of '%s' to %zu pCPUs", id->name, cpuset_count(to));
        return;
    }
    why = why_not(soak, guest, reading, pcpu);
    if (why)
        soak_refuse(soak, "vCPU %u of '%s' is pinned to pCPU %u: %s", vcpu, id->name, pcpu, why);
}
