/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/check_memory.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static const double TOLERANCE = 1e-6;

static const struct guest_memory *memory_of(const struct vcpu_sample *sample, size_t i)
{
    const struct guest_reading *guest = vcpu_sample_guest(sample, &sample->vcpus[i].guest);

    return guest ? &guest->memory : NULL;
}

/* Of a guest's running, from each node: 15 % at twice the local distance, no more than 30 %, and half
 * where the kernel moves memory to it. Nothing where it is not known. */
void vcpu_check_memory_loss(const struct vcpu_sample *sample, const struct guest_memory *memory,
                            double *loss)
{
    size_t n = sample->n_nodes;

    for (size_t from = 0; from < n; from++) {
        loss[from] = 0;
        for (size_t to = 0; memory && memory->is_known && to < n; to++)
            for (unsigned k = 0; k < memory->n; k++) {
                double beyond = (double)sample->distances[from * n + to] - 10;

                if (memory->at[k].node == sample->node_ids[to] && beyond > 0)
                    loss[from] += fmin(0.3, 0.015 * beyond) * memory->at[k].permille / 1000;
            }
        if (memory && memory->is_following)
            loss[from] /= 2;
    }
}

double vcpu_check_memory_loss_on(const struct vcpu_sample *sample, const double *loss,
                                 const struct cpuset *mask)
{
    double sum = 0;
    int n = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (cpuset_has(mask, sample->pcpus[p].id) &&
            sample->pcpus[p].place.node < sample->n_nodes) {
            sum += loss[sample->pcpus[p].place.node];
            n++;
        }
    return n ? sum / n : 0;
}

/* Whether vCPU i is the first of its guest. */
static bool is_first(const struct vcpu_sample *sample, size_t i)
{
    return i == 0 || guest_compare(&sample->vcpus[i - 1].guest, &sample->vcpus[i].guest) != 0;
}

int vcpu_check_memory_losses(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                             const int *const place_of[2], double ret[2])
{
    double *loss = calloc(sample->n_nodes + 1, sizeof(*loss)), demand = 0;

    ret[0] = ret[1] = 0;
    if (!loss)
        return -ENOMEM;
    for (size_t i = 0; plan->grain != TOPOLOGY_LEVEL_PCPU && i < plan->n_places; i++) {
        if (is_first(sample, i))
            vcpu_check_memory_loss(sample, memory_of(sample, i), loss);
        demand += plan->places[i].demand_permille;
        for (int k = 0; k < 2; k++)
            if (place_of[k][i] >= 0)
                ret[k] +=
                    plan->places[i].demand_permille *
                    vcpu_check_memory_loss_on(sample, loss, &plan->sets[place_of[k][i]].pcpus);
    }
    free(loss);
    for (int k = 0; k < 2; k++)
        ret[k] = demand > 0 ? ret[k] / demand : 0;
    return 0;
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

/* Where a vCPU may run while it floats: one that is set free where it was found, or wherever its
 * definition lets it. */
static const struct cpuset *floats_on(const struct vcpu_sample *sample,
                                      const struct vcpu_place *place, size_t i, bool after)
{
    const struct vcpu_reading *reading = &sample->vcpus[i];

    if (!after || !(place->is_reset || place->from_place >= 0))
        return &reading->affinity;
    return vcpu_reading_freed(reading);
}

static double loss_of_vcpu(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                           const double *loss, size_t i, bool after)
{
    const struct vcpu_place *place = &plan->places[i];
    int set = after ? place->to_place : place->from_place;

    return place->demand_permille *
           vcpu_check_memory_loss_on(sample, loss,
                                     set >= 0 ? &plan->sets[set].pcpus
                                              : floats_on(sample, place, i, after));
}

static int sum_up(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                  struct plan_memory *sum)
{
    double *loss = calloc(sample->n_nodes + 1, sizeof(*loss)), demand = 0;
    const struct guest_memory *memory = NULL;
    bool is_counted = false;

    if (!loss)
        return -ENOMEM;
    for (size_t i = 0; i < plan->n_places; i++) {
        if (is_first(sample, i)) {
            memory = memory_of(sample, i);
            vcpu_check_memory_loss(sample, memory, loss);
            is_counted = false;
        }
        if (sample->vcpus[i].running && !is_counted) {
            is_counted = true;
            sum->n_guests++;
            sum->n_unknown += !memory || !memory->is_known;
        }
        demand += plan->places[i].demand_permille;
        if (plan->places[i].demand_permille == 0)
            continue;
        sum->now += loss_of_vcpu(sample, plan, loss, i, false);
        sum->after += loss_of_vcpu(sample, plan, loss, i, true);
    }
    free(loss);
    sum->now = demand > 0 ? sum->now / demand : 0;
    sum->after = demand > 0 ? sum->after / demand : 0;
    return 0;
}

int vcpu_check_memory(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      struct err *err)
{
    struct plan_memory sum = {0};

    if (sample->n_nodes < 2 || plan->n_places != sample->n_vcpus)
        return 0;
    if (plan->grain != TOPOLOGY_LEVEL_PCPU && sum_up(sample, plan, &sum) < 0)
        return err_set(err, -ENOMEM, "out of memory while the plan was checked");
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
