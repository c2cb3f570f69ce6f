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

/* Beyond what is nearly full, what is wanted more is not had. */
static int cost_at(double pcpus, double fill, double *ret)
{
    int r = waiting_at(pcpus, fmin(fill, MOST_FILL), ret);

    *ret += pcpus * fmax(0, fill - MOST_FILL);
    return r;
}

int set_memory_slope(double pcpus, double from, double to, double *ret)
{
    double low, high, last = fmax(to, from + 2 * HALF_POINT);
    int r = cost_at(pcpus, from, &low);

    if (r == 0)
        r = cost_at(pcpus, last, &high);
    if (r == 0)
        *ret = fmax(LEAST_SLOPE, (high - low) / (100 * (last - from)));
    return r;
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

/* What a node's sets are worth and would carry if each item were where it loses least. */
struct node_fill {
    double n, worth, load;
    double slope; /* 0: not worked out */
};

/* [n_nodes] nodes and losses of one item. */
struct pricing {
    const struct set_question *q;
    struct node_fill *node;
    double *loss;
    double fill; /* of all of them together */
    double units_per_pcpu;
};

static bool is_best(const struct pricing *pricing, const bool *allowed, double least, size_t b)
{
    return allowed[b] && pricing->loss[node_of(pricing->q, b)] <= least;
}

static void see_losses(const struct pricing *pricing, const struct set_item *item)
{
    const struct vcpu_sample *sample = pricing->q->sample;

    remote_losses_of(sample, remote_memory_of(sample, &sample->vcpus[item->first].guest),
                     pricing->loss);
}

static void add_at_best(const struct pricing *pricing, size_t k, const bool *allowed)
{
    const struct set_question *q = pricing->q;
    double least, worth = 0;

    see_losses(pricing, q->items[k]);
    least = least_loss(q, pricing->loss, allowed);
    for (size_t b = 0; b < q->n; b++)
        worth +=
            is_best(pricing, allowed, least, b) ? plan_set_worth(&q->sets->set[q->first + b]) : 0;
    for (size_t b = 0; b < q->n; b++)
        if (is_best(pricing, allowed, least, b))
            pricing->node[node_of(q, b)].load += q->items[k]->demand_permille / 1000.0 *
                                                 plan_set_worth(&q->sets->set[q->first + b]) /
                                                 worth;
}

static void fill_nodes(const struct placement_problem *problem, struct pricing *pricing)
{
    const struct set_question *q = pricing->q;
    double worth = 0, load = 0;

    for (size_t b = 0; b < q->n; b++) {
        struct node_fill *node = &pricing->node[node_of(q, b)];

        node->n++;
        node->worth += plan_set_worth(&q->sets->set[q->first + b]);
        node->load += q->background[q->first + b];
    }
    for (size_t k = 0; k < q->n_items; k++)
        add_at_best(pricing, k, problem->allowed + k * q->n);
    for (size_t n = 0; n < q->sample->n_nodes; n++) {
        worth += pricing->node[n].worth;
        load += pricing->node[n].load;
    }
    pricing->fill = load / worth;
}

/* Of the fullest node on which the item loses least. */
static int slope_of(const struct pricing *pricing, const bool *allowed, double least, double *ret)
{
    int r = 0;

    *ret = 0;
    for (size_t b = 0; b < pricing->q->n && r == 0; b++) {
        struct node_fill *node = &pricing->node[node_of(pricing->q, b)];

        if (!is_best(pricing, allowed, least, b))
            continue;
        if (node->slope == 0)
            r = set_memory_slope(node->worth / node->n, pricing->fill, node->load / node->worth,
                                 &node->slope);
        *ret = fmax(*ret, node->slope);
    }
    return r;
}

static int price_item(const struct pricing *pricing, size_t k, const bool *allowed, int *price)
{
    const struct set_question *q = pricing->q;
    double least, slope;
    int r;

    see_losses(pricing, q->items[k]);
    least = least_loss(q, pricing->loss, allowed);
    r = slope_of(pricing, allowed, least, &slope);
    for (size_t b = 0; r == 0 && isfinite(least) && b < q->n; b++) {
        double loss = fmax(0, pricing->loss[node_of(q, b)] - least);
        double more =
            loss * q->items[k]->wanted_permille / 1000.0 / slope * pricing->units_per_pcpu;

        price[b] = (int)fmin(MOST_COST, round(price[b] + more));
    }
    return r;
}

int set_memory_price(const struct vcpu_settings *settings, const struct set_question *q,
                     struct placement_problem *problem)
{
    struct pricing pricing = {.q = q, .units_per_pcpu = 1 / placement_cost_unit(problem)};
    int *price = (int *)problem->price, r = 0;

    if (!settings->price_memory || q->n == 0 || q->sample->n_nodes < 2)
        return 0;
    pricing.node = calloc(q->sample->n_nodes, sizeof(*pricing.node));
    pricing.loss = remote_losses_new(q->sample);
    if (!pricing.node || !pricing.loss)
        r = -ENOMEM;
    else
        fill_nodes(problem, &pricing);
    for (size_t k = 0; r == 0 && k < q->n_items; k++)
        r = price_item(&pricing, k, problem->allowed + k * q->n, price + k * q->n);
    free(pricing.node);
    free(pricing.loss);
    return r;
}
