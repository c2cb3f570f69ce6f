/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/set_memory.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "models/placement/evaluate.h"
#include "planner/vcpu/remote.h"
#include "planner/vcpu/waiting.h"

/* vCPUs on a pCPU, and half a point: what the slope is taken from. */
static const double VCPUS_PER_PCPU = 4, HALF_POINT = 0.005;
/* pCPUs' worth that a point costs at least, chosen: sets that are nearly empty let nobody wait, and
 * still a guest does not follow its memory at any price. */
static const double LEAST_SLOPE = 0.005;
static const double MOST_FILL = 0.95;
enum { MOST_COST = 1000 };

bool set_memory_is_away(const struct placement_problem *problem, double points)
{
    for (size_t i = 0; i < problem->n_items; i++)
        if (placement_is_at_home(problem, i) &&
            (placement_home_price(problem, i) - placement_least_price(problem, i)) *
                    placement_cost_unit(problem) >
                points)
            return true;
    return false;
}

static int waiting_at(double pcpus, double fill, double *ret)
{
    size_t n = (size_t)ceil(pcpus * VCPUS_PER_PCPU);
    double *demand = calloc(n + 1, sizeof(*demand));
    struct waiting_pool pool = {.pcpus = pcpus};
    struct waiting sum = {0};
    int r = -ENOMEM;

    for (size_t i = 0; demand && i < n; i++)
        demand[i] = fill * pcpus / (double)n;
    if (demand)
        r = waiting_add(&sum, &pool, demand, n);
    free(demand);
    *ret = sum.waiting;
    return r;
}

int set_memory_slope(double pcpus, double fill, double *ret)
{
    double low, high;
    int r = waiting_at(pcpus, fmin(fill, MOST_FILL) - HALF_POINT, &low);

    if (r == 0)
        r = waiting_at(pcpus, fmin(fill, MOST_FILL) + HALF_POINT, &high);
    if (r == 0)
        *ret = fmax(LEAST_SLOPE, high - low);
    return r;
}

/* Of the question's sets together. */
static double fill_of(const struct set_question *q)
{
    double worth = 0, load = 0;

    for (size_t b = 0; b < q->n; b++) {
        worth += plan_set_worth(&q->sets->set[q->first + b]);
        load += q->background[q->first + b];
    }
    for (size_t k = 0; k < q->n_items; k++)
        load += q->items[k]->demand_permille / 1000.0;
    return load / worth;
}

static size_t node_of(const struct set_question *q, size_t b)
{
    return q->sets->set[q->first + b].node;
}

/* Of the sets where the item may be. */
static double least_loss(const struct set_question *q, const struct guest_memory *memory,
                         const bool *allowed)
{
    double least = INFINITY;

    for (size_t b = 0; b < q->n; b++)
        if (allowed[b])
            least = fmin(least, remote_loss(q->sample, memory, node_of(q, b)));
    return least;
}

static void price_item(const struct set_question *q, double units_per_pcpu, size_t k,
                       const bool *allowed, int *price)
{
    const struct set_item *item = q->items[k];
    const struct guest_memory *memory =
        remote_memory_of(q->sample, &q->sample->vcpus[item->first].guest);
    double least = memory ? least_loss(q, memory, allowed) : INFINITY;

    for (size_t b = 0; isfinite(least) && b < q->n; b++) {
        double loss = remote_loss(q->sample, memory, node_of(q, b)) - least;
        double more = fmax(0, loss) * item->wanted_permille / 1000.0 * units_per_pcpu;

        price[b] = (int)fmin(MOST_COST, round(price[b] + more));
    }
}

int set_memory_price(const struct vcpu_settings *settings, const struct set_question *q,
                     struct placement_problem *problem)
{
    double slope;
    int *price = (int *)problem->price, r;

    if (!settings->price_memory || q->n == 0 || q->sample->n_nodes < 2)
        return 0;
    r = set_memory_slope(set_question_unit(q), fill_of(q), &slope);
    for (size_t k = 0; r == 0 && k < q->n_items; k++)
        price_item(q, 1 / slope / placement_cost_unit(problem), k, problem->allowed + k * q->n,
                   price + k * q->n);
    return r;
}
