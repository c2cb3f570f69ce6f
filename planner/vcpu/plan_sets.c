/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/plan_sets.h"

static int place_at(const struct vcpu_plan *plan, const int *place_of, bool after, size_t i)
{
    return place_of ? place_of[i] : after ? plan->places[i].to_place : plan->places[i].from_place;
}

/* What the vCPUs that are placed on a set want of each of its pCPUs, slow or fast. place_of NULL: as in the plan,
 * before or after it; else with what is reserved for them. */
static int part_of(const struct vcpu_plan *plan, const int *place_of, bool after, size_t set)
{
    long sum = 0;

    for (size_t i = 0; i < plan->n_places; i++)
        if (place_at(plan, place_of, after, i) == (int)set)
            sum += place_of ? vcpu_place_charge(&plan->places[i]) : plan->places[i].demand_permille;
    for (size_t h = 0; h < plan->n_helpers; h++)
        if (place_at(plan, place_of, after, plan->helpers[h].vcpu) == (int)set)
            sum += plan->helpers[h].demand_permille;
    return (int)(1000 * sum / plan->sets[set].speed_permille);
}

static void add_to_pcpus(const struct plan_set *set, int before, int after, struct vcpu_plan *plan)
{
    for (size_t p = 0; p < plan->n_pcpus; p++)
        if (cpuset_has(&set->pcpus, plan->pcpus[p].id)) {
            plan->pcpus[p].before_permille += before;
            plan->pcpus[p].after_permille += after;
        }
}

void plan_sets_add(const struct vcpu_plan *plan, const int *place_of, int64_t *load)
{
    for (size_t s = 0; s < plan->n_sets; s++) {
        int part = part_of(plan, place_of, false, s);

        for (size_t p = 0; part > 0 && p < plan->n_pcpus; p++)
            if (cpuset_has(&plan->sets[s].pcpus, plan->pcpus[p].id))
                load[p] += part;
    }
}

/* The set of the level that has a pCPU; n_bins: none. */
static size_t set_of(const struct vcpu_plan *plan, size_t p)
{
    size_t s = 0;

    while (s < plan->n_bins && !cpuset_has(&plan->sets[s].pcpus, plan->pcpus[p].id))
        s++;
    return s;
}

void plan_sets_level(const struct vcpu_plan *plan, int64_t *load)
{
    for (size_t s = 0; s < plan->n_bins; s++) {
        double sum = 0;

        for (size_t p = 0; p < plan->n_pcpus; p++)
            sum += cpuset_has(&plan->sets[s].pcpus, plan->pcpus[p].id)
                       ? (double)load[p] / plan->pcpus[p].cost
                       : 0;
        for (size_t p = 0; p < plan->n_pcpus; p++)
            if (cpuset_has(&plan->sets[s].pcpus, plan->pcpus[p].id))
                load[p] = (int64_t)(1000 * sum / (double)plan->sets[s].speed_permille);
    }
}

double plan_sets_mean(const struct vcpu_plan *plan, size_t p,
                      int (*load_of)(const struct pcpu_load *load))
{
    size_t s = set_of(plan, p);
    double sum = 0;

    if (s == plan->n_bins)
        return load_of(&plan->pcpus[p]);
    for (size_t q = 0; q < plan->n_pcpus; q++)
        if (cpuset_has(&plan->sets[s].pcpus, plan->pcpus[q].id))
            sum += load_of(&plan->pcpus[q]);
    return sum / (double)plan->sets[s].n_pcpus;
}

bool plan_sets_is_first(const struct vcpu_sample *sample, const struct vcpu_plan *plan, size_t i)
{
    int n = (int)plan->n_bins, from = plan->places[i].from_place, to = plan->places[i].to_place;

    struct cpuset may;

    if ((from < 0) != (to < 0) || (from < n) != (to < n))
        return true;
    may = vcpu_plan_pcpus(plan, from);
    cpuset_and(&may, &sample->vcpus[i].allowed);
    return from >= 0 && cpuset_count(&may) == 0;
}

/* Of one of its pCPUs on average. */
static void sum_up(const struct vcpu_plan *plan, struct plan_set *set)
{
    long n = (long)set->n_pcpus, background = 0, before = 0, after = 0;

    for (size_t p = 0; p < plan->n_pcpus; p++)
        if (cpuset_has(&set->pcpus, plan->pcpus[p].id)) {
            background += plan->pcpus[p].background_permille;
            before += plan->pcpus[p].before_permille;
            after += plan->pcpus[p].after_permille;
        }
    set->background_permille = (int)(background / n);
    set->before_permille = (int)(before / n);
    set->after_permille = (int)(after / n);
}

void plan_sets_load(struct vcpu_plan *plan)
{
    for (size_t s = 0; s < plan->n_sets; s++)
        add_to_pcpus(&plan->sets[s], part_of(plan, NULL, false, s), part_of(plan, NULL, true, s),
                     plan);
    for (size_t s = 0; s < plan->n_sets; s++)
        sum_up(plan, &plan->sets[s]);
}
