/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/delta.h"

#include <math.h>
#include <string.h>

struct vcpu_counter vcpu_counter(const struct vcpu_reading *reading)
{
    struct vcpu_counter counter = {
        .vcpu = reading->vcpu,
        .pcpu = reading->pcpu,
        .running = reading->running,
        .has_delay = reading->has_delay,
        .cpu_time_ns = reading->cpu_time_ns,
        .delay_ns = reading->delay_ns,
    };

    memcpy(counter.uuid, reading->guest.uuid, sizeof(counter.uuid));
    return counter;
}

int vcpu_counter_compare(const struct vcpu_counter *counter, const struct vcpu_reading *reading)
{
    int order = memcmp(counter->uuid, reading->guest.uuid, sizeof(counter->uuid));

    return order ? order : (counter->vcpu > reading->vcpu) - (counter->vcpu < reading->vcpu);
}

/* A new vCPU, or one that was started again, began to count at 0 within the interval. */
static double ran_share(const struct vcpu_counter *before, const struct vcpu_reading *now,
                        uint64_t elapsed_ns)
{
    bool is_new = !before || now->cpu_time_ns < before->cpu_time_ns;
    uint64_t ran_ns = now->cpu_time_ns - (is_new ? 0 : before->cpu_time_ns);

    if (elapsed_ns == 0 || (is_new && ran_ns > elapsed_ns))
        return 0;
    return (double)ran_ns / (double)elapsed_ns;
}

struct vcpu_usage vcpu_delta(const struct vcpu_counter *before, const struct vcpu_reading *now,
                             uint64_t elapsed_ns)
{
    struct vcpu_usage usage = {.ran = ran_share(before, now, elapsed_ns), .was_pcpu = -1};

    if (before) {
        usage.moved = before->pcpu != now->pcpu;
        usage.was_pcpu = before->pcpu;
    }
    if (!before || !before->running || !now->running || elapsed_ns == 0 ||
        now->cpu_time_ns < before->cpu_time_ns)
        return usage;
    usage.known = true;
    usage.usage = (double)(now->cpu_time_ns - before->cpu_time_ns) / (double)elapsed_ns;
    usage.has_delay = before->has_delay && now->has_delay && now->delay_ns >= before->delay_ns;
    if (usage.has_delay)
        usage.delay = fmin(1.0, (double)(now->delay_ns - before->delay_ns) / (double)elapsed_ns);
    return usage;
}

bool vcpu_usage_is_any_moved(const struct vcpu_usage *usage, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (usage[i].moved)
            return true;
    return false;
}
