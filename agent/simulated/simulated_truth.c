/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/simulated_truth.h"

#include <assert.h>
#include <math.h>

#include "agent/simulated/cpu.h"
#include "agent/simulated/host_memory.h"
#include "agent/simulated/memory.h"
#include "agent/simulated/state.h"

uint64_t simulated_now_ns(const struct simulated *world)
{
    return world->now_ns;
}

uint64_t simulated_end_ns(const struct simulated *world)
{
    return world->scenario.duration_ns;
}

void simulated_watch(struct simulated *world, double period_s,
                     void (*watch)(void *arg, const struct simulated *world), void *arg)
{
    world->watch = watch;
    world->watch_arg = arg;
    world->watch_period_ns = (uint64_t)(1e9 * period_s);
    world->next_watch_ns = world->now_ns + world->watch_period_ns;
}

size_t simulated_pcpus(const struct simulated *world)
{
    return world->n_pcpus;
}

void simulated_pcpu(const struct simulated *world, size_t index, struct simulated_pcpu *ret)
{
    const struct pcpu_state *pcpu = &world->pcpus[index];

    assert(index < world->n_pcpus);
    *ret = (struct simulated_pcpu){
        .id = pcpu->id,
        .online = pcpu->online,
        .busy_ns = (uint64_t)pcpu->busy_ns,
        .core = pcpu->core,
        .llc = pcpu->llc,
        .node = pcpu->node,
    };
}

size_t simulated_vcpus(const struct simulated *world)
{
    return world->n_guest_vcpus;
}

size_t simulated_threads(const struct simulated *world)
{
    return world->n_vcpus;
}

void simulated_vcpu(const struct simulated *world, size_t index, struct simulated_vcpu *ret)
{
    const struct vcpu_state *vcpu = &world->vcpus[index];

    assert(index < world->n_vcpus);
    *ret = (struct simulated_vcpu){
        .guest = world->guests[vcpu->guest].spec->id.name,
        .vcpu = vcpu->number,
        .running = cpu_is_running(world, vcpu),
        .time_ns = (uint64_t)vcpu->time_ns,
        .delay_ns = (uint64_t)vcpu->delay_ns,
        .work_ns = (uint64_t)vcpu->work_ns,
        .remote_ns = (uint64_t)vcpu->remote_ns,
        .demand_permille = cpu_is_running(world, vcpu) ? (int)lround(1000 * vcpu->demand) : 0,
        .last_pcpu = world->pcpus[vcpu->pcpu].id,
        .affinity = vcpu->affinity,
        .pin_calls = vcpu->pin_calls,
    };
}

void simulated_cpu(const struct simulated *world, struct simulated_cpu *ret)
{
    *ret = (struct simulated_cpu){
        .wanted_s = world->wanted_ns / 1e9,
        .unserved_s = fmax(world->wanted_ns - world->served_ns, 0) / 1e9,
    };
}

size_t simulated_guests(const struct simulated *world)
{
    return world->n_true_guests;
}

void simulated_guest(const struct simulated *world, size_t index, struct simulated_guest *ret)
{
    const struct guest_state_now *guest = &world->guests[index];

    assert(index < world->n_guests);
    *ret = (struct simulated_guest){
        .name = guest->spec->id.name,
        .alive = guest->present,
        .maximum_kib = (uint64_t)guest->maximum_kib,
        .actual_kib = (uint64_t)guest->actual_kib,
        .target_kib = (uint64_t)guest->balloon.target_kib,
        .unused_kib = (uint64_t)memory_free_kib(guest),
        .reported_unused_kib = (uint64_t)guest->report.unused_kib,
        .used_kib = (uint64_t)guest->used_kib,
        .cache_kib = (uint64_t)guest->cache_kib,
        .swap_kib = (uint64_t)guest->swapped_kib,
        .touched_kib = (uint64_t)guest->touched_kib,
        .lowest_actual_kib =
            isinf(guest->lowest_actual_kib) ? 0 : (uint64_t)guest->lowest_actual_kib,
        .lowest_unused_kib =
            isinf(guest->lowest_unused_kib) ? 0 : (uint64_t)guest->lowest_unused_kib,
        .balloon_calls = guest->balloon_calls,
        .program_runs = guest->program.runs,
        .program_kib = (uint64_t)guest->program.kib,
        .program_peak_kib = (uint64_t)guest->program.peak_kib,
        .oom_at_maximum = guest->oom_at_maximum,
        .oom_below = guest->oom_below,
        .refused_calls = guest->refused_calls,
        .limit_kills = guest->limit_kills,
        .forbidden_calls = guest->forbidden_calls,
        .busy_calls = guest->busy_calls,
    };
}

void simulated_memory(const struct simulated *world, struct simulated_memory *ret)
{
    double free_kib = host_memory_free_kib(world);
    double overhead = 0;

    for (size_t g = 0; g < world->n_guests; g++)
        overhead += world->guests[g].present ? world->guests[g].spec->overhead_kib : 0;
    *ret = (struct simulated_memory){
        .total_kib = (uint64_t)world->scenario.total_kib,
        .other_kib = (uint64_t)world->other_kib,
        .free_kib = free_kib > 0 ? (uint64_t)free_kib : 0,
        .overhead_kib = (uint64_t)overhead,
        .committed_free_kib = (int64_t)host_memory_committed_free_kib(world),
        .lowest_free_kib =
            world->lowest_free_kib > 0 ? (uint64_t)fmin(world->lowest_free_kib, 1e15) : 0,
        .lowest_committed_free_kib = (int64_t)fmin(world->lowest_committed_kib, 1e15),
        .host_oom_kills = world->host_oom_kills,
        .first_killed = world->first_killed ? world->first_killed->spec->id.name : NULL,
        .first_kill_s = (double)world->first_kill_ns / 1e9,
    };
}

uint64_t simulated_pin_calls(const struct simulated *world)
{
    return world->pin_calls;
}

uint64_t simulated_balloon_calls(const struct simulated *world)
{
    return world->balloon_calls;
}
