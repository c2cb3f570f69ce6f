/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/corners.h"

#include "planner/vcpu/set_items.h"

struct corners {
    const struct vcpu_sample *sample;
    const struct vcpu_tracks *tracks;
    struct vcpu_build *build;
    const int *bin_of;
};

/* A running vCPU of an item. */
static size_t vcpu_of(const struct corners *c, size_t item)
{
    size_t i = c->build->index[item];

    while (c->build->item_of[i] != (int)item)
        i++;
    return i;
}

static struct cpuset mask_of(const struct corners *c, size_t item)
{
    return set_item_mask(c->sample, c->tracks, &c->build->sets, vcpu_of(c, item),
                         (size_t)c->bin_of[item]);
}

/* What those that are confined to the corner want, in permille of the largest set. */
static long wanted_in(const struct corners *c, const struct cpuset *corner, int set)
{
    long sum = 0;

    for (size_t k = 0; k < c->build->problem.n_items; k++) {
        struct cpuset mask;

        if (c->bin_of[k] != set)
            continue;
        mask = mask_of(c, k);
        if (cpuset_is_subset(&mask, corner))
            sum += c->build->problem.demand_permille[k];
    }
    return sum;
}

static bool has_elsewhere(const struct placement_problem *problem, size_t item)
{
    size_t n = 0;

    for (size_t b = 0; b < problem->n_bins; b++)
        n += problem->allowed[item * problem->n_bins + b];
    return n > 1;
}

static bool is_overfull(const struct corners *c, size_t item)
{
    const struct placement_problem *problem = &c->build->problem;
    int set = c->bin_of[item];
    struct cpuset corner = mask_of(c, item);
    long n = (long)cpuset_count(&corner), n_pcpus = (long)c->build->sets.set[set].n_pcpus;

    return n < n_pcpus &&
           wanted_in(c, &corner, set) * n_pcpus > problem->capacity_permille[set] * n;
}

bool corners_bar(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                 struct vcpu_build *build, const int *bin_of)
{
    const struct corners corners = {sample, tracks, build, bin_of};
    const struct placement_problem *problem = &build->problem;
    bool *allowed = (bool *)problem->allowed; /* the build's own */

    for (size_t k = problem->n_items; k-- > 0;)
        if (bin_of[k] >= 0 && bin_of[k] != problem->current[k] && has_elsewhere(problem, k) &&
            is_overfull(&corners, k)) {
            allowed[k * problem->n_bins + (size_t)bin_of[k]] = false;
            return true;
        }
    return false;
}
