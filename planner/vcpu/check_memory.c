/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/check_memory.h"

#include <errno.h>
#include <math.h>

static const double TOLERANCE = 1e-6;

static const struct guest_memory *memory_of(const struct vcpu_sample *sample, size_t i)
{
    for (size_t g = 0; g < sample->n_guests; g++)
        if (guest_compare(&sample->guests[g].guest, &sample->vcpus[i].guest) == 0)
            return &sample->guests[g].memory;
    return NULL;
}

/* Of a guest's running, from a pCPU: 15 % at twice the local distance, no more than 30 %, and half where
 * the kernel moves memory to it. */
static double loss_from(const struct vcpu_sample *sample, const struct guest_memory *memory,
                        size_t p)
{
    size_t from = sample->pcpus[p].place.node, n = sample->n_nodes;
    double sum = 0;

    for (size_t to = 0; from < n && to < n; to++)
        for (unsigned k = 0; k < memory->n; k++) {
            double beyond = (double)sample->distances[from * n + to] - 10;

            if (memory->at[k].node == sample->node_ids[to] && beyond > 0)
                sum += fmin(0.3, 0.015 * beyond) * memory->at[k].permille / 1000;
        }
    return memory->is_following ? sum / 2 : sum;
}

static double loss_on(const struct vcpu_sample *sample, const struct guest_memory *memory,
                      const struct cpuset *mask)
{
    double sum = 0;
    int n = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (cpuset_has(mask, sample->pcpus[p].id)) {
            sum += loss_from(sample, memory, p);
            n++;
        }
    return n ? sum / n : 0;
}

double vcpu_check_memory_loss(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                              const int *place_of)
{
    const struct guest_memory *memory = NULL;
    double lost = 0, demand = 0;

    for (size_t i = 0; plan->grain != TOPOLOGY_LEVEL_PCPU && i < plan->n_places; i++) {
        if (i == 0 || guest_compare(&sample->vcpus[i - 1].guest, &sample->vcpus[i].guest) != 0)
            memory = memory_of(sample, i);
        demand += plan->places[i].demand_permille;
        if (memory && memory->is_known && place_of[i] >= 0)
            lost += plan->places[i].demand_permille *
                    loss_on(sample, memory, &plan->sets[place_of[i]].pcpus);
    }
    return demand > 0 ? lost / demand : 0;
}

static bool is_on_bound(const struct vcpu_sample *sample, const struct guest_memory *memory,
                        size_t p)
{
    size_t node = sample->pcpus[p].place.node;

    return node < sample->n_nodes && sample->node_ids[node] >= 0 &&
           cpuset_has(&memory->bound, (unsigned)sample->node_ids[node]);
}

/* Whether a pin takes a vCPU where its guest's memory must not be, though it may be where it is. */
static bool leaves(const struct vcpu_sample *sample, const struct vcpu_reading *reading,
                   const struct guest_memory *memory, const struct cpuset *to)
{
    bool leaves = false, has_other = false;

    for (size_t p = 0; p < sample->n_pcpus; p++) {
        bool is_bound = is_on_bound(sample, memory, p);

        leaves = leaves || (!is_bound && cpuset_has(to, sample->pcpus[p].id));
        has_other = has_other || (is_bound && cpuset_has(&reading->allowed, sample->pcpus[p].id));
    }
    return leaves && has_other;
}

static int check_bound(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                       struct err *err)
{
    size_t i = 0;

    for (size_t k = 0; k < plan->n_pins; k++) {
        const struct vcpu_pin *pin = &plan->pins[k];
        const struct guest_memory *memory;

        while (i < sample->n_vcpus && (guest_compare(&sample->vcpus[i].guest, &pin->guest) != 0 ||
                                       sample->vcpus[i].vcpu != pin->vcpu))
            i++;
        if (i == sample->n_vcpus)
            return err_set(err, -EINVAL, "guest '%s': vCPU %u would be pinned out of turn",
                           pin->guest.name, pin->vcpu);
        memory = memory_of(sample, i);
        if (memory && memory->is_bound && leaves(sample, &sample->vcpus[i], memory, &pin->to))
            return err_set(err, -EINVAL,
                           "guest '%s': vCPU %u would leave the nodes to which its memory is bound",
                           pin->guest.name, pin->vcpu);
    }
    return 0;
}

/* Where a vCPU runs on a place, as far as memory is concerned. */
static const struct cpuset *mask_of(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                                    size_t i, int place)
{
    return place >= 0 ? &plan->sets[place].pcpus : &sample->vcpus[i].affinity;
}

static struct plan_memory sum_up(const struct vcpu_sample *sample, const struct vcpu_plan *plan)
{
    struct plan_memory sum = {0};
    double demand = 0;
    bool is_counted = false;
    const struct guest_memory *memory = NULL;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];

        if (i == 0 || guest_compare(&sample->vcpus[i - 1].guest, &sample->vcpus[i].guest) != 0) {
            memory = memory_of(sample, i);
            memory = memory && memory->is_known ? memory : NULL;
            is_counted = false;
        }
        if (sample->vcpus[i].running && !is_counted) {
            is_counted = true;
            sum.n_guests++;
            sum.n_unknown += !memory;
        }
        demand += place->demand_permille;
        if (!memory)
            continue;
        sum.now += place->demand_permille *
                   loss_on(sample, memory, mask_of(sample, plan, i, place->from_pcpu));
        sum.after += place->demand_permille *
                     loss_on(sample, memory, mask_of(sample, plan, i, place->to_pcpu));
    }
    sum.now = demand > 0 ? sum.now / demand : 0;
    sum.after = demand > 0 ? sum.after / demand : 0;
    return sum;
}

int vcpu_check_memory(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      struct err *err)
{
    struct plan_memory sum = {0};

    if (sample->n_nodes < 2 || plan->n_places != sample->n_vcpus)
        return 0;
    if (plan->grain != TOPOLOGY_LEVEL_PCPU)
        sum = sum_up(sample, plan);
    if (sum.n_guests != plan->memory.n_guests || sum.n_unknown != plan->memory.n_unknown ||
        !(fabs(sum.now - plan->memory.now) <= TOLERANCE) ||
        !(fabs(sum.after - plan->memory.after) <= TOLERANCE))
        return err_set(err, -EINVAL,
                       "%zu of %zu guests' memory is not known and others lose %.6f, then %.6f of "
                       "running to theirs: the plan says %zu of %zu, %.6f and %.6f",
                       sum.n_unknown, sum.n_guests, sum.now, sum.after, plan->memory.n_unknown,
                       plan->memory.n_guests, plan->memory.now, plan->memory.after);
    return check_bound(sample, plan, err);
}
