/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/base/claim.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const unsigned USUAL_WEIGHT = 100;

void claim_limits_default(struct claim_limits *ret)
{
    /* One guest may have half a host, all together three quarters of its memory and half of its
     * pCPUs; what is left is shared by need. */
    *ret = (struct claim_limits){.floor_pct = 50,
                                 .floor_sum_pct = 75,
                                 .weight = 1000,
                                 .weight_sum_pct = 100,
                                 .reserve_pct = 100,
                                 .reserve_sum_pct = 50};
}

void claim_cuts_done(struct claim_cuts *cuts)
{
    free(cuts->list);
    *cuts = (struct claim_cuts){0};
}

static void note_cut(struct claim_cuts *cuts, const struct guest_id *guest, enum claim_kind kind,
                     bool is_sum, uint64_t claimed, uint64_t counted)
{
    cuts->list[cuts->n++] = (struct claim_cut){
        .guest = *guest, .kind = kind, .is_sum = is_sum, .claimed = claimed, .counted = counted};
}

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

/* The level to which claims have to come down so that they add up to no more than the limit;
 * INFINITY: they do already. Sorts them. */
static double level_of(double *claims, size_t n, double limit)
{
    double left = limit;

    qsort(claims, n, sizeof(*claims), ascending);
    for (size_t i = 0; i < n; i++) {
        if (claims[i] * (double)(n - i) > left)
            return left / (double)(n - i);
        left -= claims[i];
    }
    return INFINITY;
}

/* What a guest's text guarantees it, as far as its maximum allows. */
static double floor_of(const struct memory_reading *reading)
{
    const struct memory_policy *policy = &reading->policy;
    uint64_t claimed = policy->has_pin     ? policy->pin_kib
                       : policy->has_floor ? policy->floor_kib
                                           : 0;

    if (policy->excluded)
        return 0;
    return (double)(claimed < reading->maximum_kib ? claimed : reading->maximum_kib);
}

static void cut_floor(struct memory_policy *policy, uint64_t counted_kib)
{
    if (policy->has_pin && (!policy->has_ceiling || policy->ceiling_kib > policy->pin_kib)) {
        policy->has_ceiling = true;
        policy->ceiling_kib = policy->pin_kib;
    }
    policy->has_pin = false;
    policy->has_floor = true;
    policy->floor_kib = counted_kib;
}

static void limit_floors(const struct claim_limits *limits, struct memory_sample *sample,
                         double *work, struct claim_cuts *cuts)
{
    double host_kib = (double)sample->host_total_kib, most = host_kib * limits->floor_pct / 100;
    double level;

    for (size_t i = 0; i < sample->n_guests; i++)
        work[i] = fmin(floor_of(&sample->guests[i]), most);
    level = level_of(work, sample->n_guests, host_kib * limits->floor_sum_pct / 100);
    for (size_t i = 0; i < sample->n_guests; i++) {
        struct memory_reading *reading = &sample->guests[i];
        bool is_size = reading->policy.has_pin;
        double counted = fmin(most, level);

        if (floor_of(reading) <= counted)
            continue;
        note_cut(cuts, &reading->guest, is_size ? CLAIM_SIZE : CLAIM_FLOOR, level < most,
                 is_size ? reading->policy.pin_kib : reading->policy.floor_kib, (uint64_t)counted);
        cut_floor(&reading->policy, (uint64_t)counted);
    }
}

/* What a weight has beyond the usual one. */
static double extra_of(const struct memory_policy *policy)
{
    return policy->has_weight && !policy->excluded && policy->weight > USUAL_WEIGHT
               ? policy->weight - USUAL_WEIGHT
               : 0;
}

static void limit_weights(const struct claim_limits *limits, struct memory_sample *sample,
                          double *work, struct claim_cuts *cuts)
{
    double most = fmax(0, limits->weight - USUAL_WEIGHT), level;
    size_t n = 0;

    for (size_t i = 0; i < sample->n_guests; i++) {
        work[i] = fmin(extra_of(&sample->guests[i].policy), most);
        n += !sample->guests[i].policy.excluded;
    }
    level = level_of(work, sample->n_guests, limits->weight_sum_pct * (double)n);
    for (size_t i = 0; i < sample->n_guests; i++) {
        struct memory_policy *policy = &sample->guests[i].policy;
        unsigned counted = USUAL_WEIGHT + (unsigned)fmin(extra_of(policy), fmin(most, level));

        if (!policy->has_weight || policy->weight <= counted)
            continue;
        note_cut(cuts, &sample->guests[i].guest, CLAIM_WEIGHT, level < most, policy->weight,
                 counted);
        policy->weight = counted;
    }
}

int claim_limit_memory(const struct claim_limits *limits, struct memory_sample *sample,
                       struct claim_cuts *ret)
{
    struct claim_cuts cuts = {.list = calloc(2 * sample->n_guests + 1, sizeof(*cuts.list))};
    double *work = calloc(sample->n_guests + 1, sizeof(*work));

    if (!cuts.list || !work) {
        free(cuts.list);
        free(work);
        return -ENOMEM;
    }
    limit_floors(limits, sample, work, &cuts);
    limit_weights(limits, sample, work, &cuts);
    free(work);
    *ret = cuts;
    return 0;
}

/* The vCPUs of a guest that stand together from first on; how many of them run, and what is claimed
 * for each. */
struct group {
    size_t first, n, n_running;
    double permille;
};

static struct group group_at(const struct vcpu_sample *sample, size_t first)
{
    struct group group = {.first = first, .n = vcpu_sample_guest_size(sample, first)};

    for (size_t i = first; i < first + group.n; i++) {
        group.n_running += sample->vcpus[i].running;
        group.permille = fmax(group.permille, sample->vcpus[i].reserve_permille);
    }
    return group;
}

static double usable_permille(const struct vcpu_sample *sample)
{
    double sum = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++)
        sum += sample->pcpus[p].use == PCPU_USABLE ? 1000 : 0;
    return sum;
}

static void limit_group(const struct group *group, double counted, bool is_sum,
                        struct vcpu_sample *sample, struct claim_cuts *cuts)
{
    if (group->permille <= counted)
        return;
    note_cut(cuts, &sample->vcpus[group->first].guest, CLAIM_RESERVE, is_sum,
             (uint64_t)group->permille, (uint64_t)counted);
    for (size_t i = group->first; i < group->first + group->n; i++)
        if (sample->vcpus[i].reserve_permille > (unsigned)counted)
            sample->vcpus[i].reserve_permille = (unsigned)counted;
}

int claim_limit_vcpus(const struct claim_limits *limits, struct vcpu_sample *sample,
                      struct claim_cuts *ret)
{
    struct claim_cuts cuts = {.list = calloc(sample->n_vcpus + 1, sizeof(*cuts.list))};
    double *work = calloc(sample->n_vcpus + 1, sizeof(*work));
    double most = 10 * limits->reserve_pct, level;
    struct group group;
    size_t n = 0;

    if (!cuts.list || !work) {
        free(cuts.list);
        free(work);
        return -ENOMEM;
    }
    for (size_t i = 0; i < sample->n_vcpus; i += group.n) {
        group = group_at(sample, i);
        work[n++] = fmin(group.permille, most) * (double)group.n_running;
    }
    level = level_of(work, n, usable_permille(sample) * limits->reserve_sum_pct / 100);
    for (size_t i = 0; i < sample->n_vcpus; i += group.n) {
        double part;

        group = group_at(sample, i);
        part = group.n_running ? level / (double)group.n_running : INFINITY;
        limit_group(&group, fmin(most, part), part < most, sample, &cuts);
    }
    free(work);
    *ret = cuts;
    return 0;
}
