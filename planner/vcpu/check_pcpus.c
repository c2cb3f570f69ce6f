/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/check_pcpus.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "planner/vcpu/waiting.h"

/* Who fills so much of a pCPU fills any (PLAN_CUT_OFF_PERMILLE), and nobody fills more than one. */
enum { FILLS_ANY = 900, FULL = 1000 };
/* Of what pinned vCPUs leave; as in plan_waiting.c. */
static const double LEAST_LEFT = 0.05;

/* Time that the same work takes on a pCPU; 0: the plan has no such pCPU. */
static double cost_of(const struct vcpu_plan *plan, int pcpu)
{
    for (size_t p = 0; pcpu >= 0 && p < plan->n_pcpus; p++)
        if (plan->pcpus[p].id == (unsigned)pcpu)
            return plan->pcpus[p].cost > 0 ? plan->pcpus[p].cost : 1;
    return 0;
}

/* Permille of the pCPU where it would be. A demand is seen where the vCPU was before the plan. */
static double wanted(const struct vcpu_plan *plan, size_t i, int at, bool is_charged)
{
    const struct vcpu_place *place = &plan->places[i];
    double demand = place->demand_permille;

    if (at != place->from_place && demand < FILLS_ANY) {
        double seen = cost_of(plan, place->from_place), there = cost_of(plan, at);

        if (seen > 0 && there > 0)
            demand = fmin(FULL, floor(demand * there / seen + 0.5));
    }
    return is_charged ? fmax(demand, place->reserve_permille) : demand;
}

void vcpu_check_pcpus_loads(const struct vcpu_plan *plan, const int *place_of, double *load)
{
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        load[p] = plan->pcpus[p].background_permille;
        for (size_t i = 0; i < plan->n_places; i++)
            if (place_of[i] >= 0 && (unsigned)place_of[i] == plan->pcpus[p].id)
                load[p] += wanted(plan, i, place_of[i], true);
    }
}

/* What shares pCPUs, and what all that was looked at so far waits and runs. */
struct sharing {
    double *demand; /* [n_places + 1], as parts of a pCPU */
    size_t n;
    struct waiting sum;
};

static void put(struct sharing *sharing, double permille)
{
    if (permille > 0)
        sharing->demand[sharing->n++] = permille / FULL;
}

/* Everybody who was put shares so many pCPUs. */
static int share(struct sharing *sharing, double pcpus, double *ret_running)
{
    const struct waiting_pool pool = {.pcpus = pcpus};
    struct waiting here = {0};
    int r = waiting_add(&here, &pool, sharing->demand, sharing->n);

    sharing->n = 0;
    sharing->sum.waiting += here.waiting;
    sharing->sum.running += here.running;
    *ret_running = here.running;
    return r;
}

/* Each pCPU by itself, and who floats has what they leave of those that guests may use. */
static int share_all(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                     const int *place_of, bool is_charged, struct sharing *sharing)
{
    double room = 0, running;
    int r = 0;

    for (size_t p = 0; r == 0 && p < sample->n_pcpus; p++) {
        put(sharing, plan->pcpus[p].background_permille);
        for (size_t i = 0; i < plan->n_places; i++)
            if (place_of[i] >= 0 && (unsigned)place_of[i] == sample->pcpus[p].id)
                put(sharing, wanted(plan, i, place_of[i], is_charged));
        r = share(sharing, 1, &running);
        room += sample->pcpus[p].use == PCPU_USABLE ? 1 - running : 0;
    }
    for (size_t i = 0; i < plan->n_places; i++)
        if (place_of[i] < 0 && !plan->places[i].is_apart)
            put(sharing, wanted(plan, i, -1, is_charged));
    return r == 0 ? share(sharing, fmax(LEAST_LEFT, room), &running) : r;
}

int vcpu_check_pcpus_waiting(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                             const int *place_of, bool is_charged, double *ret)
{
    struct sharing sharing = {.demand = calloc(plan->n_places + 1, sizeof(double))};
    int r = -ENOMEM;

    if (sharing.demand)
        r = share_all(sample, plan, place_of, is_charged, &sharing);
    free(sharing.demand);
    *ret = waiting_share(&sharing.sum);
    return r;
}
