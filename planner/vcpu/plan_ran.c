/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/plan_ran.h"

#include <math.h>

#include "planner/vcpu/plan_sets.h"

static int at_most_all(double permille)
{
    return (int)lround(fmin(1000, fmax(0, permille)));
}

static bool may_run(const struct vcpu_reading *reading, const struct pcpu_reading *pcpu)
{
    return cpuset_has(&reading->affinity, pcpu->id);
}

/* A thread whose pCPUs are all offline runs anywhere. */
static size_t count_pcpus(const struct vcpu_sample *sample, const struct vcpu_reading *reading)
{
    size_t n = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++)
        n += may_run(reading, &sample->pcpus[p]);
    return n;
}

/* What vCPUs ran on a pCPU whose busy time is not known. */
static double ran_untold(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                         size_t p)
{
    double ran = sample->pcpus[p].background_permille / 1000.0;

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];

        if (reading->at == (int)p)
            ran += tracks->track[i].ran;
        else if (reading->pcpu < 0 && tracks->track[i].ran > 0 &&
                 may_run(reading, &sample->pcpus[p]))
            ran += tracks->track[i].ran / (double)count_pcpus(sample, reading);
    }
    return ran;
}

static void fill_ran(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                     struct vcpu_plan *plan)
{
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        const struct background *background = &tracks->background[p];
        double ran = background->known       ? background->busy
                     : tracks->elapsed_s > 0 ? ran_untold(sample, tracks, p)
                                             : 0;

        plan->pcpus[p].ran_permille = at_most_all(1000 * ran);
        plan->pcpus[p].ran_after_permille = plan->pcpus[p].ran_permille;
    }
}

/* Pours what a vCPU wants into the room of its mask, as evenly as the room is. */
static void pour(const struct vcpu_sample *sample, const struct vcpu_reading *reading,
                 int demand_permille, struct vcpu_plan *plan)
{
    double room = 0, part;

    for (size_t p = 0; p < plan->n_pcpus; p++)
        if (may_run(reading, &sample->pcpus[p]))
            room += 1000 - plan->pcpus[p].ran_after_permille;
    part = room > 0 ? fmin(1, demand_permille / room) : 0;
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        int *ran = &plan->pcpus[p].ran_after_permille;

        if (may_run(reading, &sample->pcpus[p]))
            *ran = at_most_all(*ran + part * (1000 - *ran));
    }
}

static void fill_after(const struct vcpu_sample *sample, struct vcpu_plan *plan)
{
    for (size_t p = 0; p < plan->n_pcpus; p++)
        plan->pcpus[p].ran_after_permille = at_most_all(plan->pcpus[p].after_permille);
    for (size_t i = 0; i < plan->n_places; i++)
        if (plan->places[i].to_place < 0 && plan->places[i].demand_permille > 0)
            pour(sample, &sample->vcpus[i], plan->places[i].demand_permille, plan);
}

static int ran(const struct pcpu_load *load)
{
    return load->ran_permille;
}

static int ran_after(const struct pcpu_load *load)
{
    return load->ran_after_permille;
}

static double sigma_pct(const struct vcpu_plan *plan, bool after)
{
    double n = 0, mean = 0, squares = 0;

    for (size_t p = 0; p < plan->n_pcpus; p++) {
        n += plan->pcpus[p].use == PCPU_USABLE;
        if (plan->pcpus[p].use == PCPU_USABLE)
            mean += plan_sets_mean(plan, p, after ? ran_after : ran);
    }
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        double off = plan_sets_mean(plan, p, after ? ran_after : ran) - mean / n;

        if (plan->pcpus[p].use == PCPU_USABLE)
            squares += off * off;
    }
    return n > 0 ? sqrt(squares / n) / 10 : 0;
}

/* Demand that would fill every pCPU has a placement in which all of them are full. */
static bool is_overfull(const struct vcpu_plan *plan)
{
    long wanted = 0, room = 0;

    for (size_t i = 0; i < plan->n_places; i++)
        wanted += plan->places[i].demand_permille;
    for (size_t h = 0; h < plan->n_helpers; h++)
        wanted += plan->helpers[h].demand_permille;
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        wanted += plan->pcpus[p].background_permille;
        room += plan->pcpus[p].use == PCPU_USABLE ? 1000 : 0;
    }
    return wanted >= room;
}

void plan_ran(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
              struct vcpu_plan *plan)
{
    fill_ran(sample, tracks, plan);
    if (plan->n_pins + plan->n_releases > 0)
        fill_after(sample, plan);
    plan->ran = (struct vcpu_ran){.sigma_pct = sigma_pct(plan, false),
                                  .sigma_after_pct = sigma_pct(plan, true),
                                  .sigma_least_pct = is_overfull(plan) ? 0 : plan->sigma_bound_pct};
}
