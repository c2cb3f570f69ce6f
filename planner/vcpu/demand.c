/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/demand.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Counters are read one after the other, so a full pCPU may look a few percent less than full. */
static const double FULL = 0.95;
/* Fair scheduling gives equal shares to all that want more; below this part of the largest share a
 * vCPU was not held back. */
static const double FAIR = 0.8;

struct crowd {
    double sum, largest;
};

/* Where waiting and running fill the time (1 - d <= u) the vCPU never slept: it wants all of it.
 * The sampled counters may even exceed the time a little. */
double demand_from_delay(double usage, double delay)
{
    if (delay >= 1.0 || usage >= 1.0 - delay)
        return usage + delay > 0 ? 1.0 : 0;
    return usage / (1.0 - delay);
}

static void use_of_pcpus(const struct vcpu_sample *sample, const struct vcpu_usage *usage,
                         struct crowd *use)
{
    for (size_t p = 0; p < sample->n_pcpus; p++)
        use[p].sum = sample->pcpus[p].background_permille / 1000.0;
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        int p = usage[i].known ? sample->vcpus[i].at : -1;

        if (p < 0)
            continue;
        use[p].sum += usage[i].usage;
        use[p].largest = fmax(use[p].largest, usage[i].usage);
    }
}

static bool is_held_back(const struct vcpu_usage *usage, const struct crowd *use)
{
    return use->sum >= FULL && usage->usage >= FAIR * use->largest && usage->usage < FULL;
}

static struct vcpu_demand demand_of(const struct vcpu_usage *usage, const struct crowd *use,
                                    bool use_delay)
{
    struct vcpu_demand demand = {.known = usage->known};

    if (!usage->known)
        return demand;
    demand.least = fmin(1.0, usage->usage);
    demand.demand = demand.least;
    if (use_delay && usage->has_delay) {
        demand.demand = demand_from_delay(usage->usage, usage->delay);
    } else if (use_delay && use && is_held_back(usage, use)) {
        demand.censored = true;
        demand.demand = (1.0 + usage->usage) / 2.0;
    }
    demand.activity = fmax(demand.demand, fmin(1.0, usage->usage + usage->delay));
    return demand;
}

int demand_estimate(const struct vcpu_sample *sample, const struct vcpu_usage *usage,
                    bool use_delay, struct vcpu_demand *ret)
{
    struct crowd *use = calloc(sample->n_pcpus + 1, sizeof(*use));

    if (!use)
        return -ENOMEM;
    use_of_pcpus(sample, usage, use);
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        int p = sample->vcpus[i].at;

        ret[i] = demand_of(&usage[i], p < 0 ? NULL : &use[p], use_delay);
    }
    free(use);
    return 0;
}
