/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/start.h"

#include <errno.h>
#include <stdlib.h>

#include "models/base/whole.h"
#include "models/search/anneal.h"

/* Annealings, each with twice the steps of the one before. */
enum { ATTEMPTS = 6, FEWEST_STEPS = 200 };

/* More than F of any placement. */
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
        charges += instance_square(in, far);
        cost += in->problem->together_cost * (int64_t)balance->groups.gaps[p];
        if (balance->has_overload)
            cost +=
                in->problem->overload_cost * balance_overload(balance, p, balance->total, excess);
    }
    return in->kappa * worst + charges + in->unit * cost + 1;
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
        r = anneal(search, INT64_MAX / 4, FEWEST_STEPS << k);
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
