/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/anneal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"

enum {
    STAGES = 64,           /* of falling temperature */
    STEPS_PER_LOOK = 1024, /* at whether there is work left */
    HOMEWARD = 5,          /* of so many single moves one goes home */
    FRACTION_BITS = 10     /* of a logarithm */
};
/* Temperature at first, in mean prices, and its factor from stage to stage: it ends at a twenty-seventh. */
static const double HOT = 0.7, COOLER = 0.95;
/* Price of the mean size too much, and of each item that is not apart, in mean prices: at first, and by
 * how much more in the end. */
static const double DRAFT = 2, DRAFT_MORE = 6;

struct annealing {
    struct search_state *search;
    int64_t band;
    double mean_price;    /* in F */
    double mean_size[64]; /* of each resource */
    double draft;         /* of this stage, in F */
    int64_t temperature;
    int64_t value; /* costs and what is beyond the band, in F */
    int64_t best_value;
    int *best; /* [n] */
};

static int64_t beyond(const struct annealing *a, int64_t error)
{
    return a->search->in->kappa * max64(0, abs64(error) - a->band) +
           instance_square(a->search->in, error);
}

/* By how much the exchange changes costs and what is beyond the band. */
static int64_t value_change(const struct annealing *a, const struct exchange *e)
{
    const struct assignment *now = &a->search->now;
    const int64_t *unit = a->search->in->balance->unit;
    int64_t p = now->error[e->p], q = now->error[e->q];

    return a->search->in->unit * e->cost + beyond(a, p - unit[e->p] * e->step) - beyond(a, p) +
           beyond(a, q + unit[e->q] * e->step) - beyond(a, q);
}

static double draft_change(const struct annealing *a, const struct exchange *e)
{
    const struct fitting *fitting = &a->search->now.fitting;
    const struct rules *rules = fitting->rules;
    double change = 0;

    for (int r = 0; r < rules->n_rooms; r++) {
        int64_t more = rules_size(rules, e->i, r) - (e->j >= 0 ? rules_size(rules, e->j, r) : 0);
        int64_t p = fitting->used[(int64_t)e->p * rules->n_rooms + r] - rules_room(rules, e->p, r);
        int64_t q = fitting->used[(int64_t)e->q * rules->n_rooms + r] - rules_room(rules, e->q, r);
        int64_t over = max64(0, p - more) + max64(0, q + more) - max64(0, p) - max64(0, q);

        change += (double)over / a->mean_size[r];
    }
    return a->draft * (change + (double)fitting_clash_change(fitting, e->p, e->q, e->i, e->j));
}

/* -ln of a random number between 0 and 1, hardly ever off by a tenth; without the library's, which is not
 * the same everywhere. */
static int64_t minus_logarithm(struct search_state *search)
{
    uint64_t drawn = search_state_random(search, UINT64_C(1) << 40) + 1;
    int bits = 63 - __builtin_clzll(drawn);
    int64_t rest =
        (int64_t)((drawn << (40 - bits) >> (40 - FRACTION_BITS)) & ((1u << FRACTION_BITS) - 1));

    return (((int64_t)(40 - bits) << FRACTION_BITS) - rest) * 710 / 1024;
}

static bool draw_exchange(struct search_state *search, struct exchange *e)
{
    const struct assignment *now = &search->now;
    int n = search->in->n, m = search->in->m;

    e->i = (int)search_state_random(search, (uint64_t)n);
    e->p = now->bin[e->i];
    e->j = -1;
    if (search_state_random(search, 2)) {
        e->q = search_state_random(search, HOMEWARD) ? (int)search_state_random(search, (uint64_t)m)
                                                     : search->in->home[e->i];
    } else {
        e->j = (int)search_state_random(search, (uint64_t)n);
        e->q = now->bin[e->j];
    }
    if (e->q < 0 || e->q == e->p || !assignment_may_enter(now, e->i, e->q) ||
        (e->j >= 0 && !assignment_may_enter(now, e->j, e->p)))
        return false;
    e->step = now->step[e->i] - (e->j >= 0 ? now->step[e->j] : 0);
    e->cost = assignment_move_cost(now, e->i, e->p, e->q) +
              (e->j >= 0 ? assignment_move_cost(now, e->j, e->q, e->p) : 0);
    return true;
}

static void step(struct annealing *a)
{
    struct search_state *search = a->search;
    struct exchange e;
    int64_t change, all;

    if (!draw_exchange(search, &e))
        return;
    change = value_change(a, &e);
    all = change;
    if (search->now.fitting.rules)
        all += (int64_t)draft_change(a, &e);
    if (all > 0 && all > a->temperature * minus_logarithm(search) >> FRACTION_BITS)
        return;
    assignment_apply(&search->now, &e);
    a->value += change;
    if (a->value < a->best_value && fitting_is_kept(&search->now.fitting)) {
        a->best_value = a->value;
        memcpy(a->best, search->now.bin, (size_t)search->in->n * sizeof(int));
    }
}

static double mean_price(const struct instance *in)
{
    int64_t sum = 0, count = 0;

    for (int64_t k = 0; k < (int64_t)in->n * in->m; k++)
        if (in->price[k] > 0) {
            sum += in->price[k];
            count++;
        }
    return count > 0 ? (double)sum / (double)count : 1;
}

static void measure(struct annealing *a)
{
    const struct instance *in = a->search->in;
    const struct rules *rules = a->search->now.fitting.rules;

    a->mean_price = mean_price(in) * (double)in->unit;
    for (int r = 0; rules && r < rules->n_rooms; r++) {
        double sum = 1;

        for (int i = 0; i < in->n; i++)
            sum += rules_size(rules, i, r);
        a->mean_size[r] = sum / in->n;
    }
    a->value = in->unit * a->search->now.cost;
    for (int p = 0; p < in->m; p++)
        a->value += beyond(a, a->search->now.error[p]);
    a->best_value = INT64_MAX;
}

int anneal(struct search_state *search, int64_t band, int steps_per_item)
{
    struct annealing a = {.search = search, .band = band};
    int64_t steps = (int64_t)steps_per_item * search->in->n / STAGES + 1;
    double temperature;

    if (search->in->n == 0)
        return 0;
    a.best = malloc((size_t)search->in->n * sizeof(int));
    if (!a.best)
        return -ENOMEM;
    measure(&a);
    temperature = HOT * a.mean_price;
    for (int stage = 0; stage < STAGES && !work_exhausted(search->work); stage++) {
        a.temperature = (int64_t)temperature;
        a.draft = a.mean_price * (DRAFT + DRAFT_MORE * stage / STAGES);
        for (int64_t k = 0; k < steps; k++) {
            step(&a);
            if (k % STEPS_PER_LOOK == STEPS_PER_LOOK - 1 && work_exhausted(search->work))
                break;
        }
        search_state_count(search, steps);
        temperature *= COOLER;
    }
    if (a.best_value < INT64_MAX)
        assignment_set(&search->now, a.best);
    free(a.best);
    return a.best_value < INT64_MAX;
}
