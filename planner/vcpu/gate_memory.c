/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/gate_memory.h"

#include <errno.h>
#include <stdlib.h>

#include "planner/vcpu/remote.h"

/* Of running: nobody could measure less, and on a quiet host sets cost that much. */
static const double SLACK = 0.001;

/* What a guest's vCPUs lose where they run without our pins, by what each wants. */
static double loss_of_guest(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                            bool heeds_owners, const double *loss, size_t first, size_t n)
{
    const struct cpuset *mask = NULL;
    double sum = 0, mean = 0;

    for (size_t i = first; i < first + n; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];
        const struct cpuset *own =
            heeds_owners ? vcpu_reading_unpinned(reading) : &reading->allowed;

        if (plan->places[i].demand_permille <= 0)
            continue;
        if (!mask || !cpuset_is_equal(mask, own))
            mean = remote_loss_on(sample, loss, own);
        mask = own;
        sum += plan->places[i].demand_permille * mean;
    }
    return sum;
}

int gate_memory_of_plan(const struct vcpu_sample *sample, bool heeds_owners, struct vcpu_plan *plan)
{
    double lost = 0, running = 0, *loss;
    size_t n;

    plan->memory.floating = 0;
    if (plan->memory.n_guests == 0)
        return 0;
    loss = remote_losses_new(sample);
    if (!loss)
        return -ENOMEM;
    for (size_t first = 0; first < plan->n_places; first += n) {
        const struct guest_memory *memory = remote_memory_of(sample, &sample->vcpus[first].guest);

        n = vcpu_sample_guest_size(sample, first);
        for (size_t i = first; i < first + n; i++)
            running += plan->places[i].demand_permille;
        if (!memory)
            continue;
        remote_losses_of(sample, memory, loss);
        lost += loss_of_guest(sample, plan, heeds_owners, loss, first, n);
    }
    plan->memory.floating = running > 0 ? lost / running : 0;
    free(loss);
    return 0;
}

bool gate_memory_passes(const struct vcpu_plan *plan)
{
    const struct plan_memory *memory = &plan->memory;

    return memory->n_guests == memory->n_unknown ||
           plan->waiting.after + memory->after <= plan->waiting.floating + memory->floating + SLACK;
}
