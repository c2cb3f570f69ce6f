/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/harm.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "planner/vcpu/plan_sets.h"
#include "planner/vcpu/plan_waiting.h"
#include "planner/vcpu/remote.h"
#include "planner/vcpu/role.h"
#include "planner/vcpu/threads.h"

/* A pCPU is not overloaded by what cannot be told from none (models/placement/fair_share.h). */
enum { FULL_PERMILLE = 1010 };

/* First pins and moves off forbidden pCPUs are made whatever they cost. */
static bool must_change(const struct vcpu_sample *sample, const struct vcpu_plan *plan, size_t i)
{
    const struct vcpu_place *place = &plan->places[i];

    if (plan->grain != TOPOLOGY_LEVEL_PCPU)
        return plan_sets_is_first(sample, plan, i);
    return place->from_place < 0 || vcpu_role_is_misplaced(sample, &sample->vcpus[place->vcpu]);
}

/* Charges and background of every pCPU [n_pcpus], in permille. */
static void add_loads(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      const int *pcpu_of, int64_t *load)
{
    for (size_t p = 0; p < plan->n_pcpus; p++)
        load[p] = plan->pcpus[p].background_permille;
    if (plan->grain != TOPOLOGY_LEVEL_PCPU) {
        plan_sets_add(plan, pcpu_of, load);
        plan_sets_level(plan, load);
        return;
    }
    for (size_t i = 0; i < plan->n_places; i++) {
        int p = vcpu_sample_pcpu(sample, pcpu_of[i]);

        if (p >= 0)
            load[p] += vcpu_plan_charge_on(plan, i, pcpu_of[i]);
    }
}

static int64_t overload(const struct vcpu_plan *plan, const int64_t *load)
{
    int64_t sum = 0;

    for (size_t p = 0; p < plan->n_pcpus; p++)
        sum += load[p] > FULL_PERMILLE ? load[p] - FULL_PERMILLE : 0;
    return sum;
}

/* Where cores are evened out first, of them. */
static double sigma(const struct vcpu_sample *sample, const struct vcpu_plan *plan, int64_t *load)
{
    double n = 0, sum = 0, squares = 0;

    if (plan->by_core)
        threads_fold(sample, load);
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        double pct = (double)load[p] / 10;

        if (plan->pcpus[p].use != PCPU_USABLE || load[p] < 0)
            continue;
        n++;
        sum += pct;
        squares += pct * pct;
    }
    return n > 0 ? sqrt(fmax(0, squares / n - sum * sum / n / n)) : 0;
}

static int price(const struct vcpu_sample *sample, const struct vcpu_plan *plan, const int *pcpu_of,
                 struct harm_price *ret)
{
    int64_t *load = calloc(plan->n_pcpus + 1, sizeof(*load));
    int r = -ENOMEM;

    *ret = (struct harm_price){0};
    if (load) {
        add_loads(sample, plan, pcpu_of, load);
        ret->overload_permille = overload(plan, load);
        ret->sigma_pct = sigma(sample, plan, load);
        r = remote_loss_of_plan(sample, plan, pcpu_of, &ret->remote);
        if (r == 0)
            r = plan_waiting_of(plan, pcpu_of, &ret->waiting);
    }
    free(load);
    return r;
}

int harm_of(const struct vcpu_sample *sample, const struct vcpu_plan *plan, struct harm *ret)
{
    int *pcpu_of = calloc(plan->n_places + 1, sizeof(*pcpu_of)), r = -ENOMEM;

    for (size_t i = 0; pcpu_of && i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];

        pcpu_of[i] = must_change(sample, plan, i) ? place->to_place : place->from_place;
    }
    if (pcpu_of)
        r = price(sample, plan, pcpu_of, &ret->hold);
    for (size_t i = 0; pcpu_of && i < plan->n_places; i++)
        pcpu_of[i] = plan->places[i].to_place;
    if (r == 0)
        r = price(sample, plan, pcpu_of, &ret->plan);
    free(pcpu_of);
    return r;
}

/* Whether what vCPUs lose to far memory falls by more than waiting grows. */
static bool is_nearer(const struct harm_price *hold, const struct harm_price *plan)
{
    double gain = hold->remote - plan->remote;

    if (plan->overload_permille == hold->overload_permille)
        gain -= fmax(0, plan->waiting - hold->waiting);
    return gain > HARM_NEARER;
}

bool harm_text(const struct harm *harm, char *ret, size_t size)
{
    const struct harm_price *hold = &harm->hold, *plan = &harm->plan;
    double before = hold->waiting + hold->remote, after = plan->waiting + plan->remote;

    ret[0] = '\0';
    if (plan->overload_permille > hold->overload_permille)
        snprintf(ret, size, "overload would grow from %.1f to %.1f %%",
                 (double)hold->overload_permille / 10, (double)plan->overload_permille / 10);
    else if (plan->sigma_pct > hold->sigma_pct + HARM_SIGMA_PCT && !is_nearer(hold, plan))
        snprintf(ret, size, "sigma would grow from %.2f to %.2f", hold->sigma_pct, plan->sigma_pct);
    else if (plan->overload_permille == hold->overload_permille &&
             after > before + harm_waiting_margin(hold->waiting))
        snprintf(ret, size, "%s would grow from %.1f to %.1f %% of running",
                 hold->remote > 0 || plan->remote > 0 ? "waiting and far memory" : "waiting",
                 100 * before, 100 * after);
    return ret[0] != '\0';
}
