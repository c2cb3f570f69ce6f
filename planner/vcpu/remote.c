/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/remote.h"

#include <math.h>

/* A busy vCPU at distance 20 loses 15 %: Google saw 10 to 20 % (Tang et al., "Optimizing Google's
 * Warehouse Scale Computers: The NUMA Experience", HPCA 2013). However far it is, a pCPU loads ahead
 * and does other work meanwhile. */
static const double LOSS = 0.15, MOST_LOSS = 0.3, LOCAL = 10;
/* Chosen: as long as the kernel takes to move it. */
static const double WHILE_FOLLOWING = 0.5;

static const struct guest_reading *find(const struct vcpu_sample *sample,
                                        const struct guest_id *guest)
{
    size_t low = 0, high = sample->n_guests;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = guest_compare(&sample->guests[middle].guest, guest);

        if (order == 0)
            return &sample->guests[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct guest_memory *remote_memory_of(const struct vcpu_sample *sample,
                                            const struct guest_id *guest)
{
    const struct guest_reading *found = sample->n_nodes > 0 ? find(sample, guest) : NULL;

    return found && found->memory.is_known ? &found->memory : NULL;
}

/* The index of a node by its id, or n_nodes. */
static size_t node_of(const struct vcpu_sample *sample, int id)
{
    size_t n = 0;

    while (n < sample->n_nodes && sample->node_ids[n] != id)
        n++;
    return n;
}

double remote_loss(const struct vcpu_sample *sample, const struct guest_memory *memory, size_t node)
{
    double loss = 0;

    for (unsigned k = 0; node < sample->n_nodes && k < memory->n; k++) {
        size_t to = node_of(sample, memory->at[k].node);
        double times;

        if (to == sample->n_nodes)
            continue;
        times = sample->distances[node * sample->n_nodes + to] / LOCAL;
        loss += memory->at[k].permille / 1000.0 * fmin(MOST_LOSS, LOSS * fmax(0, times - 1));
    }
    return memory->is_following ? WHILE_FOLLOWING * loss : loss;
}

unsigned remote_permille(const struct vcpu_sample *sample, const struct guest_memory *memory,
                         size_t node)
{
    unsigned sum = 0;

    for (unsigned k = 0; k < memory->n; k++)
        if (node_of(sample, memory->at[k].node) != node)
            sum += memory->at[k].permille;
    return sum;
}

bool remote_is_bound_elsewhere(const struct vcpu_sample *sample, const struct guest_id *guest,
                               int pcpu)
{
    const struct guest_reading *found = sample->n_nodes > 0 ? find(sample, guest) : NULL;
    int at = vcpu_sample_pcpu(sample, pcpu);
    size_t node = at < 0 ? sample->n_nodes : sample->pcpus[at].place.node;

    return found && found->memory.is_bound && node < sample->n_nodes &&
           (sample->node_ids[node] < 0 ||
            !cpuset_has(&found->memory.bound, (unsigned)sample->node_ids[node]));
}

double remote_loss_of_plan(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                           const int *set_of)
{
    double lost = 0, running = 0;

    for (size_t i = 0; plan->grain != TOPOLOGY_LEVEL_PCPU && i < plan->n_places; i++) {
        const struct guest_memory *memory = remote_memory_of(sample, &sample->vcpus[i].guest);

        running += plan->places[i].demand_permille;
        if (memory && set_of[i] >= 0)
            lost += plan->places[i].demand_permille *
                    remote_loss(sample, memory, plan->sets[set_of[i]].node);
    }
    return running > 0 ? lost / running : 0;
}

/* Of a vCPU that may run on all of a mask. */
static double mean_loss(const struct vcpu_sample *sample, const struct guest_memory *memory,
                        const struct cpuset *mask)
{
    double sum = 0, n = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (cpuset_has(mask, sample->pcpus[p].id)) {
            sum += remote_loss(sample, memory, sample->pcpus[p].place.node);
            n++;
        }
    return n > 0 ? sum / n : 0;
}

static double loss_at(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      const struct guest_memory *memory, size_t i, int set)
{
    return set >= 0 ? remote_loss(sample, memory, plan->sets[set].node)
                    : mean_loss(sample, memory, &sample->vcpus[i].affinity);
}

void remote_of_plan(const struct vcpu_sample *sample, struct vcpu_plan *plan)
{
    double running = 0, now = 0, after = 0;
    size_t n;

    plan->memory = (struct plan_memory){0};
    if (plan->grain == TOPOLOGY_LEVEL_PCPU || sample->n_nodes < 2)
        return;
    for (size_t first = 0; first < plan->n_places; first += n) {
        const struct guest_memory *memory = remote_memory_of(sample, &sample->vcpus[first].guest);
        bool runs = false;

        n = vcpu_sample_guest_size(sample, first);
        for (size_t i = first; i < first + n; i++) {
            double demand = plan->places[i].demand_permille;

            runs = runs || sample->vcpus[i].running;
            running += demand;
            if (!memory || demand <= 0)
                continue;
            now += demand * loss_at(sample, plan, memory, i, plan->places[i].from_pcpu);
            after += demand * loss_at(sample, plan, memory, i, plan->places[i].to_pcpu);
        }
        plan->memory.n_guests += runs;
        plan->memory.n_unknown += runs && !memory;
    }
    plan->memory.now = running > 0 ? now / running : 0;
    plan->memory.after = running > 0 ? after / running : 0;
}

int remote_home(const struct vcpu_sample *sample, const struct guest_memory *memory)
{
    unsigned most = 0;
    int home = -1;

    for (unsigned k = 0; k < memory->n; k++) {
        size_t node = node_of(sample, memory->at[k].node);

        if (node < sample->n_nodes && memory->at[k].permille > most) {
            most = memory->at[k].permille;
            home = (int)node;
        }
    }
    return home;
}
