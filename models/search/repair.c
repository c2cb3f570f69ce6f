/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/repair.h"

#include <math.h>

#include "models/base/whole.h"

/* An exchange that costs nothing beats every one that does; the last term only breaks ties. */
static const double FREE_BONUS = 1e6, COST_WEIGHT = 10, SQUARES_WEIGHT = 1e-7;
/* Exchanges for each item, and some more. On bench_plan at 64x16 half as many make the same
 * plans, as do half and double COST_WEIGHT. */
enum { STEPS_PER_ITEM = 4, EXTRA_STEPS = 20 };

struct choice {
    struct search_state *search;
    int64_t band;
    double noise, permille; /* permille of load per error unit */
    int64_t error_p, error_q, violation;
    struct exchange best;
    double best_score;
};

static int64_t violation(int64_t error, int64_t band)
{
    return abs64(error) > band ? abs64(error) - band : 0;
}

static void consider(void *arg, const struct exchange *e)
{
    struct choice *choice = arg;
    const int64_t *unit = choice->search->in->balance->unit;
    int64_t p = choice->error_p - unit[e->p] * e->step, q = choice->error_q + unit[e->q] * e->step;
    int64_t gain = choice->violation - violation(p, choice->band) - violation(q, choice->band);
    double score, permille = choice->permille;

    if (gain <= 0)
        return;
    if (e->cost <= 0)
        score = FREE_BONUS + (double)gain * permille - COST_WEIGHT * (double)e->cost;
    else
        score = (double)gain * permille / (double)e->cost;
    score += SQUARES_WEIGHT * 2 * (double)e->step * permille *
             (double)(choice->error_p - choice->error_q - e->step) * permille;
    if (choice->noise > 0)
        score *= 1 + choice->noise * search_state_noise(choice->search);
    if (score > choice->best_score) {
        choice->best_score = score;
        choice->best = *e;
    }
}

/* The bin that breaks the band most, or -1. */
static int worst_bin(struct search_state *search, int64_t band, double noise)
{
    double most = 0;
    int worst = -1;

    for (int p = 0; p < search->in->m; p++) {
        double over = (double)violation(search->now.error[p], band);

        if (noise > 0 && over > 0)
            over *= 1 + noise * (search_state_noise(search) + 0.5);
        if (over > most) {
            most = over;
            worst = p;
        }
    }
    return worst;
}

static bool best_exchange(struct search_state *search, int p, struct choice *choice)
{
    const struct assignment *now = &search->now;
    int64_t trials = 0;

    choice->best_score = -INFINITY;
    choice->error_p = now->error[p];
    for (int q = 0; q < search->in->m; q++) {
        if (q == p)
            continue;
        choice->error_q = now->error[q];
        choice->violation =
            violation(now->error[p], choice->band) + violation(now->error[q], choice->band);
        trials += assignment_scan(now, p, q, search->most_looks, choice, consider);
    }
    search_state_count(search, trials);
    return choice->best_score > -INFINITY;
}

/* Returns i home, alone or for somebody there who takes its place more cheaply. */
static bool return_home(struct search_state *search, int i, int64_t band)
{
    struct assignment *now = &search->now;
    const int64_t *unit = search->in->balance->unit;
    int p = now->bin[i], home = search->in->home[i], best = -1;
    int64_t cost = assignment_move_cost(now, i, p, home), best_cost = 0;

    if (violation(now->error[p] - unit[p] * now->step[i], band) == 0 &&
        violation(now->error[home] + unit[home] * now->step[i], band) == 0 &&
        fitting_allows(&now->fitting, p, home, i, -1)) {
        assignment_move(now, i, home);
        return true;
    }
    for (int j = now->first[home]; j >= 0; j = now->next[j]) {
        int64_t step = now->step[i] - now->step[j], both;

        if (!assignment_may_enter(now, j, p) || !fitting_allows(&now->fitting, p, home, i, j))
            continue;
        both = cost + assignment_move_cost(now, j, home, p);
        if (both < best_cost && violation(now->error[p] - unit[p] * step, band) == 0 &&
            violation(now->error[home] + unit[home] * step, band) == 0) {
            best = j;
            best_cost = both;
        }
    }
    if (best < 0)
        return false;
    assignment_move(now, i, home);
    assignment_move(now, best, p);
    return true;
}

static void send_home(struct search_state *search, int64_t band)
{
    const struct instance *in = search->in;
    bool again = true;

    while (again) {
        again = false;
        for (int i = 0; i < in->n; i++)
            if (in->home[i] >= 0 && search->now.bin[i] != in->home[i] &&
                assignment_move_cost(&search->now, i, search->now.bin[i], in->home[i]) < 0)
                again |= return_home(search, i, band);
    }
}

bool repair_into_band(struct search_state *search, int64_t band, double noise)
{
    struct choice choice = {.search = search, .band = band, .noise = noise};

    choice.permille = 10 / (double)search->in->balance->scale;
    for (int step = 0; step < STEPS_PER_ITEM * search->in->n + EXTRA_STEPS; step++) {
        int p = worst_bin(search, band, noise);

        if (p < 0) {
            send_home(search, band);
            return true;
        }
        if (!best_exchange(search, p, &choice))
            return false;
        assignment_apply(&search->now, &choice.best);
    }
    return false;
}
