/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/polish.h"

#include <math.h>

#include "models/base/whole.h"

/* Exchanges per item: a stop for what would not end by itself (half makes the same plans). */
enum { STEPS_PER_ITEM = 6 };

/* What an exchange between p and q does to F (variance: exact but for rounding) and to the
 * squares. */
struct descent {
    const struct instance *in;
    const struct assignment *now;
    int64_t error_p, error_q, outside, kappa, unit;
    int64_t over_p, over_q; /* how far each is above what it can hold */
    double charge;          /* F per squared error */
    double best_change, best_squares;
    struct exchange best;
    bool found;
};

/* By how much the exchange changes the cost of the two bins' overload. */
static int64_t overload_change(const struct descent *d, const struct exchange *e)
{
    int64_t out = 0;

    if (!d->in->balance->has_overload)
        return 0;
    if (e->i >= 0)
        out += d->in->weight[e->i] + d->in->excess[e->i];
    if (e->j >= 0)
        out -= d->in->weight[e->j] + d->in->excess[e->j];
    return d->in->problem->overload_cost * (max64(0, d->over_p - out) + max64(0, d->over_q + out) -
                                            max64(0, d->over_p) - max64(0, d->over_q));
}

/* By how much it changes what groups cost. */
static int64_t together_change(const struct descent *d, const struct exchange *e)
{
    const int *group = d->in->group;
    int64_t change = 0;

    if (d->in->balance->groups.n == 0 || (e->i >= 0 && e->j >= 0 && group[e->i] == group[e->j]))
        return 0;
    if (e->i >= 0)
        change += assignment_apart(d->now, e->i, e->p, e->q);
    if (e->j >= 0)
        change += assignment_apart(d->now, e->j, e->q, e->p);
    return d->in->problem->together_cost * change;
}

static void consider(void *arg, const struct exchange *e)
{
    struct descent *d = arg;
    const int64_t *unit = d->in->balance->unit;
    int64_t p = abs64(d->error_p - unit[e->p] * e->step);
    int64_t q = abs64(d->error_q + unit[e->q] * e->step);
    int64_t worst = p > q ? p : q;
    double change, squares;

    if (d->outside > worst)
        worst = d->outside;
    change = (double)(d->kappa * worst +
                      d->unit * (e->cost + overload_change(d, e) + together_change(d, e)));
    if (change > d->best_change + 0.5 && d->charge == 0)
        return;
    squares = exchange_squares(d->in->balance, e, d->error_p, d->error_q);
    change += d->charge * squares;
    if (change < d->best_change - 0.5 ||
        (change < d->best_change + 0.5 && squares < d->best_squares - 0.5)) {
        d->best_change = change;
        d->best_squares = squares;
        d->best = *e;
        d->found = true;
    }
}

static void stand_between(const struct search_state *search, struct descent *d,
                          const struct extremes *extremes, int p, int q)
{
    const struct assignment *now = &search->now;

    d->error_p = now->error[p];
    d->error_q = now->error[q];
    d->outside = assignment_outside(extremes, p, q);
    if (search->in->balance->has_overload) {
        d->over_p = assignment_overload(now, p);
        d->over_q = assignment_overload(now, q);
    }
}

static void look_between(struct search_state *search, struct descent *d,
                         const struct extremes *extremes, int p, int q)
{
    stand_between(search, d, extremes, p, q);
    search_state_count(search,
                       assignment_scan(&search->now, p, q, search->most_looks, d, consider));
}

static void look_around(struct search_state *search, struct descent *d,
                        const struct extremes *extremes, int p)
{
    for (int q = 0; q < search->in->m && p >= 0; q++)
        if (q != p)
            look_between(search, d, extremes, p, q);
}

/* Sending an item home, alone or for somebody there, pays even far from the worst bin. */
static void look_homeward(struct search_state *search, struct descent *d,
                          const struct extremes *extremes)
{
    const struct instance *in = search->in;
    const struct assignment *now = &search->now;
    int64_t trials = 0;

    for (int i = 0; i < in->n; i++) {
        struct exchange e = {.p = now->bin[i], .q = in->home[i], .i = i, .j = -1};
        int64_t cost;
        int left;

        if (in->home[i] < 0 || now->bin[i] == in->home[i])
            continue;
        stand_between(search, d, extremes, e.p, e.q);
        cost = assignment_move_cost(now, i, e.p, e.q);
        e.step = now->step[i];
        e.cost = cost;
        if (fitting_allows(&now->fitting, e.p, e.q, i, -1))
            consider(d, &e);
        left = search->most_looks;
        for (e.j = now->first[e.q]; e.j >= 0 && left-- > 0; e.j = now->next[e.j], trials++) {
            if (!assignment_may_enter(now, e.j, e.p) ||
                !fitting_allows(&now->fitting, e.p, e.q, i, e.j))
                continue;
            e.step = now->step[i] - now->step[e.j];
            e.cost = cost + assignment_move_cost(now, e.j, e.q, e.p);
            consider(d, &e);
        }
    }
    search_state_count(search, trials);
}

static bool is_charged(const struct assignment *now, int p)
{
    return now->together[p] > 0 ||
           (now->in->balance->has_overload && assignment_overload(now, p) > 0);
}

/* A bin that is charged is looked at even if others are farther off. */
static void look_around_charged(struct search_state *search, struct descent *d,
                                const struct extremes *extremes)
{
    for (int p = 0; p < search->in->m; p++)
        if (p != extremes->bin[0] && is_charged(&search->now, p))
            look_around(search, d, extremes, p);
}

static void polish_deviation(struct search_state *search)
{
    for (int step = 0; step < STEPS_PER_ITEM * search->in->n; step++) {
        struct extremes extremes;
        struct descent d = {.in = search->in,
                            .now = &search->now,
                            .kappa = search->in->kappa,
                            .unit = search->in->unit};

        assignment_extremes(&search->now, &extremes);
        d.best_change = (double)(d.kappa * extremes.deviation[0]);
        look_around(search, &d, &extremes, extremes.bin[0]);
        look_around_charged(search, &d, &extremes);
        look_homeward(search, &d, &extremes);
        if (!d.found || search_state_is_over(search))
            return;
        assignment_apply(&search->now, &d.best);
    }
}

static double charge_per_square(const struct instance *in)
{
    double points = 1 / (10.0 * (double)in->balance->parts);

    if (in->problem->objective != PLACEMENT_VARIANCE)
        return 0;
    return in->problem->nu_milli * 1e-3 * points * points * in->price_scale;
}

static void polish_variance(struct search_state *search)
{
    static const struct extremes none = {{-1, -1, -1}, {0, 0, 0}};

    for (int step = 0; step < STEPS_PER_ITEM * search->in->n; step++) {
        struct descent d = {.in = search->in,
                            .now = &search->now,
                            .unit = search->in->unit,
                            .charge = charge_per_square(search->in)};
        int64_t deviation = 0;

        for (int p = assignment_next_worst(&search->now, &deviation, -1); p >= 0 && !d.found;
             p = assignment_next_worst(&search->now, &deviation, p)) {
            d.best_squares = INFINITY; /* ties do not count */
            d.best_change = -0.5;
            look_around(search, &d, &none, p);
        }
        if (!d.found || search_state_is_over(search))
            return;
        assignment_apply(&search->now, &d.best);
    }
}

void polish(struct search_state *search)
{
    if (search->in->problem->objective == PLACEMENT_VARIANCE)
        polish_variance(search);
    else
        polish_deviation(search);
}
