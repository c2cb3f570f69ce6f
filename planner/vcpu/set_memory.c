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
static double least_loss(const struct set_question *q, const double *loss, const bool *allowed)
{
    double least = INFINITY;

    for (size_t b = 0; b < q->n; b++)
        if (allowed[b])
            least = fmin(least, loss[node_of(q, b)]);
    return least;
}

static void price_item(const struct set_question *q, const double *loss, double units,
                       const bool *allowed, int *price)
{
    double least = least_loss(q, loss, allowed);

    for (size_t b = 0; isfinite(least) && b < q->n; b++) {
        double more = fmax(0, loss[node_of(q, b)] - least) * units;

        price[b] = (int)fmin(MOST_COST, round(price[b] + more));
    }
}

static void price_items(const struct set_question *q, double units_per_pcpu, double *loss,
                        struct placement_problem *problem)
{
    int *price = (int *)problem->price;

    for (size_t k = 0; k < q->n_items; k++) {
        const struct set_item *item = q->items[k];
        const struct guest_memory *memory =
            remote_memory_of(q->sample, &q->sample->vcpus[item->first].guest);

        if (!memory)
            continue;
        remote_losses_of(q->sample, memory, loss);
        price_item(q, loss, item->wanted_permille / 1000.0 * units_per_pcpu,
                   problem->allowed + k * q->n, price + k * q->n);
    }
}

int set_memory_price(const struct vcpu_settings *settings, const struct set_question *q,
                     struct placement_problem *problem)
{
    double slope = LEAST_SLOPE, *loss;
    int r;

    if (!settings->price_memory || q->n == 0 || q->sample->n_nodes < 2)
        return 0;
    r = set_memory_slope(set_question_unit(q), fill_of(q), &slope);
    if (r < 0)
        return r;
    loss = remote_losses_new(q->sample);
    if (!loss)
        return -ENOMEM;
    price_items(q, 1 / slope / placement_cost_unit(problem), loss, problem);
    free(loss);
    return 0;
}
