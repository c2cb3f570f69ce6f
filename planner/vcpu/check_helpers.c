/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/check_helpers.h"

#include <errno.h>

static int check_counted(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                         struct err *err)
{
    for (size_t h = 0; h < plan->n_helpers; h++) {
        const struct plan_helpers *helpers = &plan->helpers[h];

        if (plan->grain <= TOPOLOGY_LEVEL_CORE || helpers->vcpu >= sample->n_vcpus ||
            !sample->vcpus[helpers->vcpu].running || helpers->demand_permille <= 0 ||
            (h > 0 && plan->helpers[h - 1].vcpu >= helpers->vcpu))
            return err_set(err, -EINVAL, "%d permille of helpers count with no vCPU that runs",
                           helpers->demand_permille);
    }
    return 0;
}

static bool is_of(const struct helper_reading *reading, const struct helper_pin *pin)
{
    return guest_compare(&reading->guest, &pin->guest) == 0 && reading->iothread == pin->iothread;
}

/* Where a vCPU may run after the plan; nowhere: anywhere. */
static struct cpuset mask_after(const struct vcpu_plan *plan, const struct vcpu_reading *reading)
{
    const struct cpuset anywhere = {{0}};

    for (size_t k = 0; k < plan->n_pins; k++)
        if (guest_compare(&plan->pins[k].guest, &reading->guest) == 0 &&
            plan->pins[k].vcpu == reading->vcpu)
            return plan->pins[k].to;
    for (size_t k = 0; k < plan->n_releases; k++)
        if (guest_compare(&plan->releases[k].guest, &reading->guest) == 0 &&
            plan->releases[k].vcpu == reading->vcpu)
            return anywhere;
    return reading->affinity;
}

/* As far as its pCPUs are online. */
static bool is_within(const struct vcpu_sample *sample, const struct cpuset *mask, int node)
{
    bool is_there = false;

    for (size_t p = 0; p < sample->n_pcpus; p++) {
        if (!cpuset_has(mask, sample->pcpus[p].id))
            continue;
        if (sample->pcpus[p].place.node != node)
            return false;
        is_there = true;
    }
    return is_there;
}

/* Whether its guest is on that node after the plan, and nothing keeps us from the guest. */
static bool is_guest_there(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                           const struct helper_pin *pin)
{
    size_t n_running = 0;

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];
        struct cpuset mask;

        if (guest_compare(&reading->guest, &pin->guest) != 0)
            continue;
        if (reading->has_strange_limits)
            return false;
        if (!reading->running)
            continue;
        n_running++;
        mask = mask_after(plan, reading);
        if (pin->to_node >= 0 && !is_within(sample, &mask, pin->to_node))
            return false;
    }
    return n_running > 0;
}

static bool is_usable(const struct vcpu_sample *sample, const struct cpuset *mask)
{
    struct cpuset usable = {{0}};

    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (sample->pcpus[p].use == PCPU_USABLE)
            cpuset_add(&usable, sample->pcpus[p].id);
    return cpuset_is_subset(mask, &usable);
}

/* What is wrong with it, or NULL. */
static const char *fault_of(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                            const struct helper_reading *reading, const struct helper_pin *pin)
{
    bool is_free = cpuset_is_equal(&reading->affinity, &reading->allowed);

    if (reading->is_owners || (!reading->is_ours && !is_free))
        return "somebody else decided where they run";
    if (cpuset_count(&pin->to) == 0 || !cpuset_is_subset(&pin->to, &reading->allowed))
        return "they may not run there";
    if (!cpuset_is_equal(&pin->from, &reading->affinity))
        return "they are not where the plan says";
    if (pin->to_node < 0)
        return reading->is_ours && cpuset_is_equal(&pin->to, &reading->allowed)
                   ? NULL
                   : "they are not set free as they were found";
    if (!is_usable(sample, &pin->to) || !is_within(sample, &pin->to, pin->to_node))
        return "these pCPUs are not for guests, or not of one node";
    return is_guest_there(sample, plan, pin) ? NULL : "its vCPUs are not on that node";
}

int vcpu_check_helpers(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                       struct err *err)
{
    size_t h = 0;

    for (size_t k = 0; k < plan->n_helper_pins; k++, h++) {
        const struct helper_pin *pin = &plan->helper_pins[k];
        const char *fault;

        while (h < sample->n_helpers && !is_of(&sample->helpers[h], pin))
            h++;
        fault = h < sample->n_helpers ? fault_of(sample, plan, &sample->helpers[h], pin)
                                      : "they are not in the sample, or twice in the plan";
        if (fault)
            return err_set(err, -EINVAL, "guest '%s': threads beside its vCPUs would be moved: %s",
                           pin->guest.name, fault);
    }
    return check_counted(sample, plan, err);
}
