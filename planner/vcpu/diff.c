/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/diff.h"
#include "models/placement/evaluate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "planner/vcpu/explain.h"

static void fill_places(const struct vcpu_sample *sample, const struct vcpu_build *build,
                        const struct placement_answer *answer, struct vcpu_plan *plan)
{
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];
        bool is_released = build->releases && reading->is_ours && reading->running;

        plan->places[i] = (struct vcpu_place){
            .vcpu = i,
            .from_pcpu = reading->pcpu,
            .to_pcpu = is_released ? -1 : reading->pcpu,
            .demand_permille = build->demand_permille[i],
        };
    }
    for (size_t k = 0; answer && k < build->problem.n_items; k++) {
        int b = answer->bin_of[k]; /* -1: left floating after all */

        if (b >= 0)
            plan->places[build->index[k]].to_pcpu = (int)sample->pcpus[build->pcpu_of[b]].id;
    }
}

static struct pcpu_load *load_of(const struct vcpu_sample *sample, struct vcpu_plan *plan, int pcpu)
{
    int p = vcpu_sample_pcpu(sample, pcpu);

    return p < 0 ? NULL : &plan->pcpus[p];
}

static void fill_loads(const struct vcpu_sample *sample, const struct vcpu_build *build,
                       struct vcpu_plan *plan)
{
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        int background = build->background_permille[p];

        plan->pcpus[p] = (struct pcpu_load){
            .id = sample->pcpus[p].id,
            .use = sample->pcpus[p].use,
            .before_permille = background,
            .after_permille = background,
            .background_permille = background,
            .cost = build->cost[p],
            .error_permille = build->error_permille[p],
        };
    }
    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];
        struct pcpu_load *before = load_of(sample, plan, place->from_pcpu);
        struct pcpu_load *after = load_of(sample, plan, place->to_pcpu);

        if (before)
            before->before_permille += place->demand_permille;
        if (after)
            after->after_permille += place->demand_permille;
    }
}

static void fill_pins(const struct vcpu_sample *sample, struct vcpu_plan *plan)
{
    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];
        struct vcpu_pin *pin = &plan->pins[plan->n_pins];

        if (place->to_pcpu == place->from_pcpu)
            continue;
        if (place->to_pcpu < 0) {
            plan->releases[plan->n_releases++] =
                (struct vcpu_release){.guest = sample->vcpus[i].guest,
                                      .vcpu = sample->vcpus[i].vcpu,
                                      .from_pcpu = place->from_pcpu,
                                      .demand_permille = place->demand_permille};
            continue;
        }
        pin->guest = sample->vcpus[i].guest;
        pin->vcpu = sample->vcpus[i].vcpu;
        pin->from_pcpu = place->from_pcpu;
        pin->to_pcpu = (unsigned)place->to_pcpu;
        pin->demand_permille = place->demand_permille;
        vcpu_explain_pin(sample, plan, i, pin);
        plan->n_pins++;
    }
}

static size_t count_pins(const struct vcpu_plan *plan)
{
    size_t n = 0;

    for (size_t i = 0; i < plan->n_places; i++)
        n += plan->places[i].to_pcpu != plan->places[i].from_pcpu;
    return n;
}

/* From the loads themselves: a vCPU that must leave its pCPU has no place in the problem, but it
 * runs there. Only of pCPUs that guests may use. */
static double sigma_pct(const struct vcpu_plan *plan, size_t n, bool after)
{
    double mean = 0, squares = 0;

    for (size_t p = 0; p < plan->n_pcpus; p++) {
        const struct pcpu_load *load = &plan->pcpus[p];

        if (load->use == PCPU_USABLE)
            mean += (after ? load->after_permille : load->before_permille) / (double)n;
    }
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        const struct pcpu_load *load = &plan->pcpus[p];
        double off = (after ? load->after_permille : load->before_permille) - mean;

        if (load->use == PCPU_USABLE)
            squares += off * off;
    }
    return sqrt(squares / (double)n) / 10;
}

static int fill_sigmas(const struct vcpu_build *build, struct vcpu_plan *plan)
{
    struct placement_problem now = build->problem;

    if (now.n_bins == 0)
        return 0;
    now.demand_permille = build->now_permille;
    now.background_permille = build->bin_background;
    plan->sigma_pct = sigma_pct(plan, now.n_bins, false);
    plan->sigma_after_pct = sigma_pct(plan, now.n_bins, true);
    plan->sigma_bound_pct = placement_sigma_bound_pct(&now);
    return plan->sigma_bound_pct < 0 ? -ENOMEM : 0;
}

int vcpu_diff(const struct vcpu_sample *sample, const struct vcpu_build *build,
              const struct placement_answer *answer, struct vcpu_plan *plan)
{
    plan->places = calloc(sample->n_vcpus + 1, sizeof(*plan->places));
    plan->pcpus = calloc(sample->n_pcpus + 1, sizeof(*plan->pcpus));
    if (!plan->places || !plan->pcpus)
        return -ENOMEM;
    plan->n_places = sample->n_vcpus;
    plan->n_pcpus = sample->n_pcpus;
    fill_places(sample, build, answer, plan);
    fill_loads(sample, build, plan);
    plan->pins = calloc(count_pins(plan) + 1, sizeof(*plan->pins));
    plan->releases = calloc(count_pins(plan) + 1, sizeof(*plan->releases));
    if (!plan->pins || !plan->releases)
        return -ENOMEM;
    fill_pins(sample, plan);
    return fill_sigmas(build, plan);
}
