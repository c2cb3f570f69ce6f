/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/set_problem.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A guest's move costs as much as a vCPU's (planner/vcpu/build.c) for each pCPU's worth that it wants,
 * and that again to another node, where its memory is not. */
static const double MOVE_BASE = 10, MOVE_PER_PCPU = 10, OTHER_NODE = 2;
/* First pins: for each vCPU, where most of them ran in another set last. */
static const double PLACE_AWAY = 3;
/* The models' limits. */
enum { WHOLE = 1000, MOST_COST = 1000 };

double set_question_unit(const struct set_question *q)
{
    double unit = 0;

    for (size_t b = 0; b < q->n; b++)
        unit = fmax(unit, plan_set_worth(&q->sets->set[q->first + b]));
    return unit;
}

static size_t count_last_in(const struct vcpu_sample *sample, const struct set_item *item,
                            const struct plan_set *set)
{
    size_t n = 0;

    for (size_t i = item->first; i < item->first + item->n; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];

        n += reading->running && reading->has_last && cpuset_has(&set->pcpus, reading->last_pcpu);
    }
    return n;
}

/* The set where most of its vCPUs ran last, the first of several; SIZE_MAX: nobody knows. */
static size_t usual_set(const struct set_question *q, const struct set_item *item)
{
    size_t best = SIZE_MAX, most = 0;

    for (size_t s = q->first; s < q->first + q->n; s++) {
        size_t n = count_last_in(q->sample, item, &q->sets->set[s]);

        if (n > most) {
            most = n;
            best = s;
        }
    }
    return best;
}

static int cost_of(const struct set_question *q, const struct set_item *item, size_t usual,
                   size_t set)
{
    const struct plan_set *to = &q->sets->set[set];
    double cost;

    if (item->current < 0)
        cost = set == usual ? 0 : PLACE_AWAY * (double)item->n_running;
    else
        cost = (MOVE_BASE + MOVE_PER_PCPU * item->demand_permille / 1000.0) *
               (q->sets->set[item->current].node == to->node ? 1 : OTHER_NODE);
    return (int)fmin(MOST_COST, round(cost));
}

/* Where an item is, as one of the question's bins; -1: elsewhere. */
static int bin_of(const struct set_question *q, const struct set_item *item)
{
    int current = item->current;

    if (current < 0)
        return -1;
    for (size_t b = 0; b < q->n; b++) {
        size_t s = q->first + b;

        if (s == (size_t)current || (q->first > 0 && cpuset_is_subset(&q->sets->set[current].pcpus,
                                                                      &q->sets->set[s].pcpus)))
            return (int)b;
    }
    return -1;
}

struct arrays {
    int *demand, *current, *price, *background, *capacity;
    bool *allowed;
};

/* What it counts with, in permille of a pCPU. */
static double weight_of(const struct set_question *q, double promise, const struct set_item *item)
{
    bool is_new = q->sets->level > TOPOLOGY_LEVEL_CORE &&
                  guest_load_is_new(&q->tracks->track[item->first].guest);

    return fmax(item->demand_permille, is_new ? WHOLE * promise * (double)item->n_running : 0);
}

static void fill_item(const struct set_question *q, double unit, double promise, size_t k,
                      const struct arrays *arrays)
{
    const struct set_item *item = q->items[k];
    int bin = bin_of(q, item);
    bool stays = item->role == VCPU_STAYS;
    size_t usual = item->current < 0 ? usual_set(q, item) : SIZE_MAX;

    arrays->demand[k] = (int)fmin(WHOLE, round(weight_of(q, promise, item) / unit));
    arrays->current[k] = bin;
    for (size_t b = 0; b < q->n; b++) {
        size_t at = k * q->n + b;
        bool is_here = (int)b == bin;

        arrays->allowed[at] =
            is_here || (!stays && set_item_fits(q->sample, q->tracks, q->sets, item, q->first + b));
        arrays->price[at] = is_here ? 0 : cost_of(q, item, usual, q->first + b);
    }
}

void set_problem_done(struct placement_problem *problem)
{
    free((void *)problem->demand_permille);
    free((void *)problem->current);
    free((void *)problem->price);
    free((void *)problem->allowed);
    free((void *)problem->background_permille);
    free((void *)problem->capacity_permille);
    memset(problem, 0, sizeof(*problem));
}

int set_problem_new(const struct set_question *q, struct placement_problem *ret)
{
    size_t n = q->n_items, m = q->n;
    double unit = set_question_unit(q), promise = 0;
    struct arrays arrays = {
        .demand = calloc(n + 1, sizeof(int)),
        .current = calloc(n + 1, sizeof(int)),
        .price = calloc(n * m + 1, sizeof(int)),
        .background = calloc(m + 1, sizeof(int)),
        .capacity = calloc(m + 1, sizeof(int)),
        .allowed = calloc(n * m + 1, sizeof(bool)),
    };

    *ret = (struct placement_problem){.n_items = n,
                                      .n_bins = m,
                                      .demand_permille = arrays.demand,
                                      .current = arrays.current,
                                      .price = arrays.price,
                                      .allowed = arrays.allowed,
                                      .background_permille = arrays.background,
                                      .capacity_permille = arrays.capacity};
    if (!arrays.demand || !arrays.current || !arrays.price || !arrays.background ||
        !arrays.capacity || !arrays.allowed)
        return -ENOMEM;
    for (size_t b = 0; b < m; b++) {
        const struct plan_set *set = &q->sets->set[q->first + b];

        arrays.capacity[b] = (int)fmax(1, round(WHOLE * plan_set_worth(set) / unit));
        arrays.background[b] = (int)round(WHOLE * q->background[q->first + b] / unit);
    }
    if (q->counts_promises)
        promise = guest_load_promise(q->sample, q->tracks->track);
    for (size_t k = 0; k < n; k++)
        fill_item(q, unit, promise, k, &arrays);
    return 0;
}
