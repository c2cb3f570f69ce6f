/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/vcpu_report.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/simulated/cpu.h"

/* The kernel tells busy times in ticks. */
static const uint64_t tick_ns = 10000000;

static void read_vcpu(const struct simulated *world, const struct vcpu_state *vcpu,
                      struct vcpu_reading *ret)
{
    const struct guest_state_now *guest = &world->guests[vcpu->guest];

    ret->guest = guest->spec->id;
    ret->vcpu = vcpu->number;
    ret->running = cpu_is_running(world, vcpu) && world->now_ns >= guest->starts_ns;
    ret->cpu_time_ns = (uint64_t)vcpu->time_ns;
    ret->has_delay = world->scenario.run_delay;
    ret->delay_ns = ret->has_delay ? (uint64_t)vcpu->delay_ns : 0;
    ret->has_last = true;
    ret->last_pcpu = world->pcpus[vcpu->pcpu].id;
    ret->affinity = ret->mask = vcpu->affinity;
    ret->allowed = guest->spec->is_told ? guest->spec->allowed : world->scenario.present;
    if (world->scenario.is_told)
        cpuset_and(&ret->allowed, &world->scenario.slice);
    ret->has_strange_limits = guest->spec->has_strange_limits && guest->spec->is_told;
    ret->quota_permille = (unsigned)(1000 * guest->quota + 0.5);
    ret->reserve_permille = (unsigned)(10 * guest->spec->reserve_pct + 0.5);
}

/* Shares are whole parts of a thousand. */
static void read_memory(const struct scenario_guest *spec, struct guest_memory *ret)
{
    ret->is_known = spec->n_nodes > 0 && spec->is_told;
    ret->is_bound = ret->is_known && spec->has_strict_memory;
    for (size_t n = 0; ret->is_known && n < spec->n_nodes && n < GUEST_NODES; n++) {
        if (ret->is_bound)
            cpuset_add(&ret->bound, (unsigned)spec->nodes[n].id);
        ret->at[ret->n].node = spec->nodes[n].id;
        ret->at[ret->n++].permille = (unsigned)(1000 * spec->nodes[n].share + 1e-6);
    }
}

static void read_guest(const struct simulated *world, const struct guest_state_now *guest,
                       struct guest_reading *ret)
{
    size_t g = (size_t)(guest - world->guests);

    ret->guest = guest->spec->id;
    ret->run = guest->run;
    ret->quota_permille = (unsigned)(1000 * guest->guest_quota + 0.5);
    read_memory(guest->spec, &ret->memory);
    ret->has_helpers = true;
    ret->helpers_mask = world->scenario.slice;
    for (size_t v = world->n_guest_vcpus; v < world->n_vcpus; v++) {
        if (world->vcpus[v].guest == g)
            ret->helpers_ns += (uint64_t)world->vcpus[v].time_ns;
    }
}

static void read_helper(const struct simulated *world, const struct vcpu_state *helper,
                        struct helper_reading *ret)
{
    const struct scenario_guest *spec = world->guests[helper->guest].spec;

    ret->guest = spec->id;
    ret->iothread = helper->number;
    ret->affinity = ret->mask = helper->affinity;
    for (size_t p = 0; p < world->n_pcpus; p++)
        if (world->pcpus[p].online)
            cpuset_add(&ret->allowed, world->pcpus[p].id);
    cpuset_and(&ret->affinity, &ret->allowed);
    if (world->scenario.is_told)
        cpuset_and(&ret->allowed, &world->scenario.slice);
    ret->is_owners = spec->has_owned_helpers;
}

/* What keeps guests from a pCPU, as the kernel tells it. */
static enum pcpu_use use_of(const struct scenario *scenario, unsigned id)
{
    if (!scenario->is_told)
        return PCPU_USABLE;
    if (cpuset_has(&scenario->isolated, id))
        return PCPU_ISOLATED;
    if (cpuset_has(&scenario->tickless, id))
        return PCPU_TICKLESS;
    return cpuset_has(&scenario->slice, id) ? PCPU_USABLE : PCPU_OUTSIDE_SLICE;
}

static struct pcpu_reading read_pcpu(const struct simulated *world, const struct pcpu_state *pcpu)
{
    bool is_told = world->scenario.busy_times;
    uint64_t busy_ns = (uint64_t)pcpu->busy_ns;

    return (struct pcpu_reading){
        .id = pcpu->id,
        .use = use_of(&world->scenario, pcpu->id),
        .has_busy = is_told,
        .busy_ns = is_told ? busy_ns - busy_ns % tick_ns : 0,
        .background_permille = is_told ? (int)(1000 * pcpu->background + 0.5) : 0,
    };
}

int vcpu_report_read(const struct simulated *world, uint64_t at_ns, struct vcpu_sample *ret)
{
    struct vcpu_sample sample = {.at_ns = at_ns};

    sample.vcpus = calloc(world->n_guest_vcpus + 1, sizeof(*sample.vcpus));
    sample.pcpus = calloc(world->n_pcpus + 1, sizeof(*sample.pcpus));
    sample.guests = calloc(world->n_true_guests + 1, sizeof(*sample.guests));
    sample.helpers = calloc(world->n_vcpus - world->n_guest_vcpus + 1, sizeof(*sample.helpers));
    if (!sample.vcpus || !sample.pcpus || !sample.guests || !sample.helpers) {
        vcpu_sample_done(&sample);
        return -ENOMEM;
    }
    for (size_t p = 0; p < world->n_pcpus; p++)
        if (world->pcpus[p].online)
            sample.pcpus[sample.n_pcpus++] = read_pcpu(world, &world->pcpus[p]);
    for (size_t v = 0; v < world->n_guest_vcpus; v++)
        if (world->guests[world->vcpus[v].guest].present)
            read_vcpu(world, &world->vcpus[v], &sample.vcpus[sample.n_vcpus++]);
    for (size_t g = 0; g < world->n_true_guests; g++)
        if (world->guests[g].present)
            read_guest(world, &world->guests[g], &sample.guests[sample.n_guests++]);
    for (size_t v = world->n_guest_vcpus; v < world->n_vcpus; v++)
        if (world->vcpus[v].is_helper && world->guests[world->vcpus[v].guest].present)
            read_helper(world, &world->vcpus[v], &sample.helpers[sample.n_helpers++]);
    vcpu_sample_sort(&sample);
    *ret = sample;
    return 0;
}
