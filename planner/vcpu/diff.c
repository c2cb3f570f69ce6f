/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/diff.h"
#include "models/placement/evaluate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "planner/vcpu/explain.h"
#include "planner/vcpu/helpers.h"
#include "planner/vcpu/plan_sets.h"
#include "planner/vcpu/set_items.h"
#include "planner/vcpu/threads.h"

/* At level pcpu. */
static void fill_pcpus(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                       const struct vcpu_build *build, const struct placement_answer *answer,
                       struct vcpu_plan *plan)
{
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];
        bool is_released = build->releases && reading->is_ours && reading->running;

        plan->places[i] = (struct vcpu_place){
            .vcpu = i,
            .from_place = reading->pcpu,
            .to_place = is_released ? -1 : reading->pcpu,
            .demand_permille = build->demand_permille[i],
            .reserve_permille = (int)lround(1000 * tracks->track[i].reserve),
        };
    }
    for (size_t k = 0; answer && !build->by_core && k < build->problem.n_items; k++) {
        int b = answer->bin_of[k]; /* -1: left floating after all */

        if (b >= 0)
            plan->places[build->index[k]].to_place = (int)sample->pcpus[build->pcpu_of[b]].id;
    }
}

/* The same where cores are the bins. */
static int fill_threads(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                        const struct vcpu_build *build, const struct placement_answer *answer,
                        struct vcpu_plan *plan)
{
    size_t n = build->problem.n_items;
    size_t *pcpu_of = calloc(n + 1, sizeof(*pcpu_of));
    int r = pcpu_of ? threads_divide(sample, tracks, build, answer->bin_of, pcpu_of) : -ENOMEM;

    for (size_t k = 0; r == 0 && k < n; k++)
        if (pcpu_of[k] != SIZE_MAX)
            plan->places[build->index[k]].to_place = (int)sample->pcpus[pcpu_of[k]].id;
    free(pcpu_of);
    return r;
}

static struct cpuset usable_of(const struct vcpu_sample *sample, const struct cpuset *mask)
{
    struct cpuset usable = {{0}};

    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (sample->pcpus[p].use == PCPU_USABLE && cpuset_has(mask, sample->pcpus[p].id))
            cpuset_add(&usable, sample->pcpus[p].id);
    return usable;
}

/* Where others' masks hold a vCPU while no pin is ours. */
static void note_owner(const struct vcpu_build *build, const struct vcpu_reading *reading,
                       struct vcpu_place *place)
{
    int at = reading->is_ours ? vcpu_sets_holding(&build->sets, vcpu_reading_unpinned(reading))
                              : place->from_place;
    size_t n = 0;

    for (size_t s = 0; s < build->sets.n; s++)
        n += build->sets.set[s].n_pcpus;
    place->is_held = build->heeds_owners && at >= 0 && build->sets.set[at].n_pcpus < n;
    place->held_at = place->is_held ? at : -1;
}

/* Above it. A mask may be another one than its set's although its vCPU stays there. */
static void fill_sets(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                      const struct vcpu_build *build, const struct placement_answer *answer,
                      struct vcpu_plan *plan)
{
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];
        bool is_released = build->releases && reading->is_ours && reading->running;
        int from = vcpu_sets_holding(&build->sets, &reading->affinity), to = from;
        struct vcpu_place *place = &plan->places[i];

        if (answer && build->item_of[i] >= 0)
            to = answer->bin_of[build->item_of[i]];
        else if (answer && build->wide_of[i] >= 0)
            to = build->wide_of[i];
        *place =
            (struct vcpu_place){.vcpu = i,
                                .from_place = from,
                                .to_place = is_released ? -1 : to,
                                .is_reset = is_released,
                                .demand_permille = build->demand_permille[i],
                                .reserve_permille = (int)lround(1000 * tracks->track[i].reserve)};
        note_owner(build, reading, place);
        if (answer && to >= 0 && (build->item_of[i] >= 0 || build->wide_of[i] >= 0)) {
            struct cpuset now = usable_of(sample, &reading->affinity);
            struct cpuset mask = set_item_mask(sample, tracks, &build->sets, i, (size_t)to);

            place->is_reset = cpuset_count(&mask) > 0 && !cpuset_is_equal(&now, &mask);
        }
    }
}

static struct pcpu_load *pcpu_of(const struct vcpu_sample *sample, struct vcpu_plan *plan, int pcpu)
{
    int p = vcpu_sample_pcpu(sample, pcpu);

    return p < 0 ? NULL : &plan->pcpus[p];
}

static void fill_backgrounds(const struct vcpu_sample *sample, const struct vcpu_build *build,
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
}

static void add_vcpus(const struct vcpu_sample *sample, struct vcpu_plan *plan)
{
    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];
        struct pcpu_load *from = pcpu_of(sample, plan, place->from_place);
        struct pcpu_load *to = pcpu_of(sample, plan, place->to_place);

        if (from)
            from->before_permille += place->demand_permille;
        if (to)
            to->after_permille += place->demand_permille;
    }
}

static void fill_pins(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                      const struct vcpu_build *build, struct vcpu_plan *plan)
{
    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];
        struct vcpu_pin *pin = &plan->pins[plan->n_pins];

        if (!vcpu_plan_changes(plan, i))
            continue;
        if (place->to_place < 0) {
            plan->releases[plan->n_releases++] =
                (struct vcpu_release){.guest = sample->vcpus[i].guest,
                                      .vcpu = sample->vcpus[i].vcpu,
                                      .from_place = place->from_place,
                                      .demand_permille = place->demand_permille};
            continue;
        }
        pin->guest = sample->vcpus[i].guest;
        pin->vcpu = sample->vcpus[i].vcpu;
        pin->from_place = place->from_place;
        pin->to_place = (unsigned)place->to_place;
        if (build->level == TOPOLOGY_LEVEL_PCPU)
            pin->to = vcpu_plan_pcpus(plan, place->to_place);
        else
            pin->to = set_item_mask(sample, tracks, &build->sets, i, (size_t)place->to_place);
        pin->demand_permille = place->demand_permille;
        vcpu_explain_pin(sample, plan, i, pin);
        plan->n_pins++;
    }
}

static size_t count_pins(const struct vcpu_plan *plan)
{
    size_t n = 0;

    for (size_t i = 0; i < plan->n_places; i++)
        n += vcpu_plan_changes(plan, i);
    return n;
}

/* From the loads themselves: a vCPU that must leave its pCPU has no place in the problem, but it
 * runs there. Only of pCPUs that guests may use. */
static double sigma_pct(const struct vcpu_plan *plan, int (*load_of)(const struct pcpu_load *load))
{
    double mean = 0, squares = 0;
    size_t n = 0;

    for (size_t p = 0; p < plan->n_pcpus; p++)
        n += plan->pcpus[p].use == PCPU_USABLE;
    for (size_t p = 0; p < plan->n_pcpus; p++)
        if (plan->pcpus[p].use == PCPU_USABLE)
            mean += plan_sets_mean(plan, p, load_of) / (double)n;
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        double off = plan_sets_mean(plan, p, load_of) - mean;

        if (plan->pcpus[p].use == PCPU_USABLE)
            squares += off * off;
    }
    return sqrt(squares / (double)n) / 10;
}

static int before(const struct pcpu_load *load)
{
    return load->before_permille;
}

static int after(const struct pcpu_load *load)
{
    return load->after_permille;
}

static int fill_sigmas(const struct vcpu_build *build, struct vcpu_plan *plan)
{
    struct placement_problem now = build->problem;

    if (now.n_bins == 0)
        return 0;
    now.demand_permille = build->now_permille;
    now.background_permille = build->bin_background;
    plan->sigma_pct = sigma_pct(plan, before);
    plan->sigma_after_pct = sigma_pct(plan, after);
    plan->sigma_bound_pct = placement_sigma_bound_pct(&now);
    return plan->sigma_bound_pct < 0 ? -ENOMEM : 0;
}

/* Pinned by somebody to what is kept from guests, and left there. */
static void note_apart(const struct vcpu_sample *sample, struct vcpu_plan *plan)
{
    for (size_t i = 0; i < plan->n_places; i++) {
        const struct cpuset *mask = &sample->vcpus[i].affinity;
        bool has_usable = false, has_any = false;

        for (size_t p = 0; p < sample->n_pcpus && !has_usable; p++) {
            bool has = cpuset_has(mask, sample->pcpus[p].id);

            has_any = has_any || has;
            has_usable = has && sample->pcpus[p].use == PCPU_USABLE;
        }
        plan->places[i].is_apart = has_any && !has_usable && !vcpu_plan_changes(plan, i);
    }
}

static int take_sets(const struct vcpu_build *build, struct vcpu_plan *plan)
{
    plan->grain = build->level;
    plan->by_core = build->by_core;
    plan->n_sets = build->sets.n_all;
    plan->n_bins = build->sets.n;
    free(plan->sets);
    plan->sets = calloc(plan->n_sets + 1, sizeof(*plan->sets));
    if (!plan->sets)
        return -ENOMEM;
    if (plan->n_sets)
        memcpy(plan->sets, build->sets.set, plan->n_sets * sizeof(*plan->sets));
    return 0;
}

int vcpu_diff(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
              const struct vcpu_build *build, const struct placement_answer *answer,
              struct vcpu_plan *plan)
{
    plan->places = calloc(sample->n_vcpus + 1, sizeof(*plan->places));
    plan->pcpus = calloc(sample->n_pcpus + 1, sizeof(*plan->pcpus));
    if (!plan->places || !plan->pcpus || take_sets(build, plan) < 0)
        return -ENOMEM;
    if (helpers_fill(sample, build->helpers_permille, plan) < 0)
        return -ENOMEM;
    plan->n_places = sample->n_vcpus;
    plan->n_pcpus = sample->n_pcpus;
    fill_backgrounds(sample, build, plan);
    if (build->level == TOPOLOGY_LEVEL_PCPU) {
        fill_pcpus(sample, tracks, build, answer, plan);
        if (answer && build->by_core && fill_threads(sample, tracks, build, answer, plan) < 0)
            return -ENOMEM;
        add_vcpus(sample, plan);
    } else {
        fill_sets(sample, tracks, build, answer, plan);
        plan_sets_load(plan);
    }
    note_apart(sample, plan);
    plan->pins = calloc(count_pins(plan) + 1, sizeof(*plan->pins));
    plan->releases = calloc(count_pins(plan) + 1, sizeof(*plan->releases));
    if (!plan->pins || !plan->releases)
        return -ENOMEM;
    fill_pins(sample, tracks, build, plan);
    return fill_sigmas(build, plan);
}
