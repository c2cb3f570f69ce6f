/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/remote.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* A busy vCPU at distance 20 loses 15 %: Google saw 10 to 20 % (Tang et al., "Optimizing Google's
 * Warehouse Scale Computers: The NUMA Experience", HPCA 2013). However far it is, a pCPU loads ahead
 * and does other work meanwhile. */
static const double LOSS = 0.15, MOST_LOSS = 0.3, LOCAL = 10;
/* Chosen: as long as the kernel takes to move it. */
static const double WHILE_FOLLOWING = 0.5;

const struct guest_memory *remote_memory_of(const struct vcpu_sample *sample,
                                            const struct guest_id *guest)
{
    const struct guest_reading *found =
        sample->n_nodes > 0 ? vcpu_sample_guest(sample, guest) : NULL;

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
    const struct guest_reading *found =
        sample->n_nodes > 0 ? vcpu_sample_guest(sample, guest) : NULL;
    int at = vcpu_sample_pcpu(sample, pcpu);
    size_t node = at < 0 ? sample->n_nodes : sample->pcpus[at].place.node;

    return found && found->memory.is_bound && node < sample->n_nodes &&
           (sample->node_ids[node] < 0 ||
            !cpuset_has(&found->memory.bound, (unsigned)sample->node_ids[node]));
}

double *remote_losses_new(const struct vcpu_sample *sample)
{
    return calloc(sample->n_nodes + 1, sizeof(double));
}

void remote_losses_of(const struct vcpu_sample *sample, const struct guest_memory *memory,
                      double *loss)
{
    for (size_t n = 0; n < sample->n_nodes; n++)
        loss[n] = memory ? remote_loss(sample, memory, n) : 0;
}

int remote_loss_of_plan(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                        const int *set_of, double *ret)
{
    double lost = 0, running = 0, *loss;
    size_t n;

    *ret = 0;
    if (plan->grain == TOPOLOGY_LEVEL_PCPU || sample->n_nodes < 2)
        return 0;
    loss = remote_losses_new(sample);
    if (!loss)
        return -ENOMEM;
    for (size_t first = 0; first < plan->n_places; first += n) {
        n = vcpu_sample_guest_size(sample, first);
        remote_losses_of(sample, remote_memory_of(sample, &sample->vcpus[first].guest), loss);
        for (size_t i = first; i < first + n; i++) {
            running += plan->places[i].demand_permille;
            if (set_of[i] >= 0)
                lost += plan->places[i].demand_permille * loss[plan->sets[set_of[i]].node];
        }
    }
    *ret = running > 0 ? lost / running : 0;
    free(loss);
    return 0;
}

double remote_loss_on(const struct vcpu_sample *sample, const double *loss,
                      const struct cpuset *mask)
{
    double sum = 0, n = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (cpuset_has(mask, sample->pcpus[p].id)) {
            sum += loss[sample->pcpus[p].place.node];
            n++;
        }
    return n > 0 ? sum / n : 0;
}

static double loss_at(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      const double *loss, int set, const struct cpuset *floating)
{
    return set >= 0 ? loss[plan->sets[set].node] : remote_loss_on(sample, loss, floating);
}

static const struct cpuset *floating_after(const struct vcpu_sample *sample,
                                           const struct vcpu_plan *plan, size_t i)
{
    const struct vcpu_reading *reading = &sample->vcpus[i];

    return vcpu_plan_changes(plan, i) ? vcpu_reading_freed(reading) : &reading->affinity;
}

static void add_guest(const struct vcpu_sample *sample, const double *loss, size_t first, size_t n,
                      struct vcpu_plan *plan)
{
    for (size_t i = first; i < first + n; i++) {
        const struct vcpu_place *place = &plan->places[i];
        double demand = place->demand_permille;

        if (demand <= 0)
            continue;
        plan->memory.now +=
            demand * loss_at(sample, plan, loss, place->from_place, &sample->vcpus[i].affinity);
        plan->memory.after +=
            demand * loss_at(sample, plan, loss, place->to_place, floating_after(sample, plan, i));
    }
}

int remote_of_plan(const struct vcpu_sample *sample, struct vcpu_plan *plan)
{
    double running = 0, *loss;
    size_t n;

    plan->memory = (struct plan_memory){0};
    if (plan->grain == TOPOLOGY_LEVEL_PCPU || sample->n_nodes < 2)
        return 0;
    loss = remote_losses_new(sample);
    if (!loss)
        return -ENOMEM;
    for (size_t first = 0; first < plan->n_places; first += n) {
        const struct guest_memory *memory = remote_memory_of(sample, &sample->vcpus[first].guest);
        bool runs;

        n = vcpu_sample_guest_size(sample, first);
        runs = vcpu_sample_first_running(sample, first, n) < first + n;
        for (size_t i = first; i < first + n; i++)
            running += plan->places[i].demand_permille;
        plan->memory.n_guests += runs;
        plan->memory.n_unknown += runs && !memory;
        if (!memory)
            continue;
        remote_losses_of(sample, memory, loss);
        add_guest(sample, loss, first, n, plan);
    }
    free(loss);
    if (running > 0) {
        plan->memory.now /= running;
        plan->memory.after /= running;
    }
    return 0;
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
