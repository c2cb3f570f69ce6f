/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/check_claims.h"

#include <errno.h>

/* Who is said to run apart runs on no pCPU that guests may use, and is left there. */
static int check_apart(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                       struct err *err)
{
    for (size_t i = 0; i < plan->n_places; i++) {
        size_t n_usable = 0;

        for (size_t p = 0; plan->places[i].is_apart && p < sample->n_pcpus; p++)
            n_usable += sample->pcpus[p].use == PCPU_USABLE &&
                        cpuset_has(&sample->vcpus[i].affinity, sample->pcpus[p].id);
        if (n_usable > 0 || (plan->places[i].is_apart && vcpu_plan_changes(plan, i)))
            return err_set(err, -EINVAL, "guest '%s': vCPU %u is said to run apart, and does not",
                           sample->vcpus[i].guest.name, sample->vcpus[i].vcpu);
    }
    return 0;
}

/* What is reserved for a vCPU is what its definition says, for everybody or for nobody. */
static int check_reserves(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                          struct err *err)
{
    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];
        bool counts = plan->counts_reserves && reading->running;
        int reserve = counts ? (int)reading->reserve_permille : 0;

        if (plan->places[i].reserve_permille != reserve || reserve > 1000)
            return err_set(err, -EINVAL, "guest '%s': vCPU %u has a reserve of %d permille, not %d",
                           reading->guest.name, reading->vcpu, reserve,
                           plan->places[i].reserve_permille);
    }
    return 0;
}

int vcpu_check_claims(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      struct err *err)
{
    int r = check_apart(sample, plan, err);

    return r < 0 ? r : check_reserves(sample, plan, err);
}
