/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/start.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "models/base/whole.h"
#include "models/search/anneal.h"

/* Annealings, each with twice the steps of the one before. */
enum { ATTEMPTS = 6, FEWEST_STEPS = 200 };

/* Far above F of any placement, and far below what no longer fits. */
static const int64_t MOST = INT64_MAX / 4;

/* sum + times * value, none of them negative, at most MOST. */
static int64_t grown(int64_t sum, int64_t times, int64_t value)
{
    assert(sum >= 0 && times >= 0 && value >= 0);
    if (sum >= MOST || (times > 0 && value > (MOST - sum) / times))
        return MOST;
    return sum + times * value;
}

/* More than F of any placement: each bin as full as all of them, so that the sum may grow beyond what fits. */
static int64_t beyond_all(const struct instance *in)
{
    const struct balance *balance = in->balance;
    int64_t worst = in->least_deviation, charges = 0, cost = 0, excess = 0;

    for (int i = 0; i < in->n; i++) {
        int most = 0;

        for (int p = 0; p < in->m; p++)
            most = max_int(most, instance_price(in, i, p));
        cost += most + in->problem->together_cost;
        excess += in->excess[i];
    }
    for (int p = 0; p < in->m; p++) {
        int64_t far =
            max64(balance_deviation(balance, p, 0), balance_deviation(balance, p, balance->total));

        worst = max64(worst, far);
        charges = grown(charges, 1, instance_square(in, far));
        cost = grown(cost, in->problem->together_cost, balance->groups.gaps[p]);
        if (balance->has_overload)
            cost = grown(cost, in->problem->overload_cost,
                         balance_overload(balance, p, balance->total, excess));
    }
    return grown(grown(charges, in->kappa, worst), in->unit, cost) + 1;
}

/* The placement of all of the problem's items as one of the instance's. */
static int take_start(struct search_state *search)
{
    const struct instance *in = search->in;
    const int *start = in->problem->start;
    int *bin = malloc(((size_t)in->n + 1) * sizeof(*bin));
    bool is_allowed = true;

    if (!bin)
        return -ENOMEM;
    for (int i = 0; i < in->n; i++) {
        bin[i] = start[in->id[i]];
        is_allowed = is_allowed && instance_price(in, i, bin[i]) != INSTANCE_FORBIDDEN;
    }
    if (is_allowed) {
        assignment_set(&search->now, bin);
        search_state_keep(search);
    }
    free(bin);
    return 0;
}

static int find(struct search_state *search)
{
    int r = 0;

    for (int k = 0; k < ATTEMPTS && r == 0 && !work_exhausted(search->work); k++) {
        assignment_copy(&search->home, &search->now);
        r = anneal(search, MOST, FEWEST_STEPS << k);
        if (r > 0)
            search_state_keep(search);
    }
    return r < 0 ? r : 0;
}

int search_start(struct search_state *search)
{
    bool is_home_kept = fitting_is_kept(&search->home.fitting);
    int r = 0;

    search->has_plan = is_home_kept;
    if (!is_home_kept)
        search->best_objective = beyond_all(search->in);
    if (search->in->problem->start)
        r = take_start(search);
    if (r == 0 && !search->has_plan)
        r = find(search);
    if (!is_home_kept && search->has_plan)
        assignment_copy(&search->best, &search->home);
    assignment_copy(&search->home, &search->now);
    return r;
}
